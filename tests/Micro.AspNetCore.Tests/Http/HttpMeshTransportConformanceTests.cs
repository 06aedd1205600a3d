using Micro.AspNetCore.Tests.Hosting;
using Micro.Internal;
using Micro.Testing.Transport;
using Micro.Transport;
using Micro.Transport.Http;

namespace Micro.AspNetCore.Tests.Http;

public sealed class HttpMeshTransportConformanceTests : TransportConformance
{
    protected override async ValueTask<TransportRig> StartAsync(ICallAcceptor acceptor, CancellationToken cancellationToken) =>
        await MeshRig.StartAsync(acceptor, new HttpClientTransport(new HttpTransportOptions(), RandomSource.Create(), TimeProvider.System));
}
