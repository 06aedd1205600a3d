using Micro.Transport;

namespace Micro.Rpc;

/// <summary>
/// In place of a connection that cannot be made. Its calls fail as those to an instance that is down do: they are tried elsewhere, and the instance is left alone
/// for a while, so that one that this process has no transport for does not fail the calls the others could take.
/// </summary>
internal sealed class UnreachableConnection(CallStatus status) : IClientConnection, IUnaryConnection
{
    public ValueTask<ICallStream> OpenAsync(OutgoingCall call, CancellationToken cancellationToken) => throw new CallException(status);

    public ValueTask<UnaryReply> CallAsync(OutgoingCall call, ReadOnlyMemory<byte> request, CancellationToken cancellationToken) =>
        new(new UnaryReply(new CallEnd(status)));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
