using Micro.Transport;

namespace Micro.Benchmarks.Rpc;

/// <summary>A transport that answers at once with what it was sent, so that what is measured is not the transport.</summary>
internal sealed class BlankTransport : IClientTransport, IClientConnection, IUnaryConnection
{
    public string Scheme => "blank";

    public IClientConnection Connect(Uri address, ConnectionTarget target) => this;

    public ValueTask<UnaryReply> CallAsync(OutgoingCall call, ReadOnlyMemory<byte> request, CancellationToken cancellationToken) =>
        new(new UnaryReply(CallEnd.Ok, CallMessage.Copy(request.Span)));

    public ValueTask<ICallStream> OpenAsync(OutgoingCall call, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
