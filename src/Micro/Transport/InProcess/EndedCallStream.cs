namespace Micro.Transport.InProcess;

/// <summary>A call that ended before it began.</summary>
internal sealed class EndedCallStream(CallEnd end) : ICallStream
{
    public CallEnd? End => end;

    public ValueTask WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) => throw new CallException(end.Status);

    public ValueTask CompleteAsync(CallEnd halfClose, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask<CallMessage?> ReadAsync(CancellationToken cancellationToken) => new((CallMessage?)null);

    public ValueTask<CallHeaders> HeadersAsync(CancellationToken cancellationToken) => new(new CallHeaders());

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
