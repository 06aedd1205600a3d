using Micro.Transport;

namespace Micro.AspNetCore.Hosting;

/// <summary>Answers calls that come before the process is ready or after it stopped taking calls: with UNAVAILABLE, so that callers go elsewhere.</summary>
internal sealed class UnattachedAcceptor(ICallAcceptor served) : ICallAcceptor
{
    private static readonly CallEnd NotReady = new(new CallStatus(CallStatusCode.Unavailable, "The service takes no calls yet, or no more.", notProcessed: true));

    public IReadOnlyCollection<CallRoute> Routes => served.Routes;

    public CallRoute? Find(string path) => served.Find(path);

    public ValueTask AcceptAsync(IncomingCall call) => call.Stream.CompleteAsync(NotReady, CancellationToken.None);
}
