using Micro.Transport;

namespace Micro.AspNetCore.Hosting;

/// <summary>Knows what is served and refuses all of it with one outcome.</summary>
internal sealed class RefusingAcceptor(ICallAcceptor served, CallEnd refusal) : ICallAcceptor
{
    /// <summary>Before the process is ready, and after it stopped taking calls: callers go elsewhere.</summary>
    public static readonly CallEnd NotListening = new(new CallStatus(CallStatusCode.Unavailable, "The service takes no calls yet, or no more.", notProcessed: true));

    /// <summary>A call in plaintext where that was not allowed.</summary>
    public static readonly CallEnd Plaintext = new(new CallStatus(
        CallStatusCode.Unauthenticated, "Calls in plaintext are not taken here; use TLS.", notProcessed: true));

    public IReadOnlyCollection<CallRoute> Routes => served.Routes;

    public CallRoute? Find(string path) => served.Find(path);

    public ValueTask AcceptAsync(IncomingCall call) => call.Stream.CompleteAsync(refusal, CancellationToken.None);
}
