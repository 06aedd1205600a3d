using Micro.Internal;
using Micro.Testing.Transport;
using Micro.Transport;
using Micro.Transport.InProcess;
using Microsoft.Extensions.Logging.Abstractions;

namespace Micro.Tests.Transport;

public sealed class InProcessTransportTests : TransportConformance
{
    protected override async ValueTask<TransportRig> StartAsync(ICallAcceptor acceptor, CancellationToken cancellationToken) =>
        new Rig(await new InProcessServerTransport(RandomSource.Create(), NullLoggerFactory.Instance).ListenAsync(acceptor, cancellationToken));

    private sealed class Rig(IServerListener listener) : TransportRig
    {
        public override Uri Address { get; } = listener.Addresses[0];

        public override IClientTransport Client { get; } = new InProcessClientTransport();

        public override ValueTask StopAsync() => listener.DisposeAsync();

        public override ValueTask DisposeAsync() => listener.DisposeAsync();
    }
}
