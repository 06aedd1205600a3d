namespace Micro.Transport;

/// <summary>What listens. Disposing stops taking calls; those running are the acceptor's to finish first.</summary>
public interface IServerListener : IAsyncDisposable
{
    /// <summary>The addresses peers can use, preferred first; never a wildcard address.</summary>
    IReadOnlyList<Uri> Addresses { get; }
}
