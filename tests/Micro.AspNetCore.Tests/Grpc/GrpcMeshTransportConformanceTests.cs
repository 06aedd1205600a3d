using Micro.AspNetCore.Tests.Hosting;
using Micro.Testing.Transport;
using Micro.Transport;

namespace Micro.AspNetCore.Tests.Grpc;

public sealed class GrpcMeshTransportConformanceTests : TransportConformance
{
    protected override async ValueTask<TransportRig> StartAsync(ICallAcceptor acceptor, CancellationToken cancellationToken) =>
        await MeshRig.StartAsync(acceptor, GrpcClientTests.Transport());
}
