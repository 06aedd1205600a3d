using Micro.AspNetCore.Tests.Support;
using Micro.Testing.Transport;
using Micro.Transport;

namespace Micro.AspNetCore.Tests.Grpc;

/// <summary>The same over a Unix domain socket.</summary>
public sealed class GrpcUnixTransportConformanceTests : SocketTransportConformance
{
    protected override async ValueTask<TransportRig> StartAsync(ICallAcceptor acceptor, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var server = await TestServer.StartAsync(acceptor, options: options => options.Listen.Add($"grpc+unix+insecure://{path}"));
        return new GrpcRig(server, server.Grpc);
    }
}
