namespace Micro.Transport.InProcess;

/// <summary>Calls listeners of the same process. Messages are encoded and copied as over any transport, so that the two sides share nothing.</summary>
internal sealed class InProcessClientTransport : IClientTransport
{
    public string Scheme => "inproc";

    public IClientConnection Connect(Uri address, ConnectionTarget target) => new InProcessConnection(address, target);
}
