using Micro.Codecs;
using Micro.Testing.Transport;
using Micro.Transport;

namespace Micro.AspNetCore.Tests.Http;

/// <summary>Another type: all streams as binary frames.</summary>
public sealed class HttpBinaryTransportConformanceTests : SocketTransportConformance
{
    protected override string ContentType => ContentTypes.Protobuf;

    protected override async ValueTask<TransportRig> StartAsync(ICallAcceptor acceptor, CancellationToken cancellationToken) =>
        await HttpRig.StartAsync(acceptor, cancellationToken);
}
