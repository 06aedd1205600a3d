using Micro.AspNetCore.Tests.Support;
using Micro.Testing.Transport;
using Micro.Transport;

namespace Micro.AspNetCore.Tests.Grpc;

public sealed class GrpcTransportConformanceTests : SocketTransportConformance
{
    protected override async ValueTask<TransportRig> StartAsync(ICallAcceptor acceptor, CancellationToken cancellationToken)
    {
        var server = await TestServer.StartAsync(acceptor);
        return new GrpcRig(server, server.Grpc);
    }
}
