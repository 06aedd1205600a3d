using Micro.Testing.Transport;
using Micro.Transport;

namespace Micro.AspNetCore.Tests.Http;

/// <summary>JSON: server streams as lines, other streams as text frames.</summary>
public sealed class HttpTransportConformanceTests : SocketTransportConformance
{
    protected override async ValueTask<TransportRig> StartAsync(ICallAcceptor acceptor, CancellationToken cancellationToken) =>
        await HttpRig.StartAsync(acceptor, cancellationToken);
}
