using Micro.Transport;

namespace Micro.Grpc;

/// <summary>A call that ended before anything was sent.</summary>
internal sealed class RefusedStream(CallEnd end) : ICallStream
{
    public CallEnd? End => end;

    public ValueTask WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) => throw new CallException(end.Status);

    public ValueTask CompleteAsync(CallEnd ignored, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask<CallMessage?> ReadAsync(CancellationToken cancellationToken) => new((CallMessage?)null);

    public ValueTask<CallHeaders> HeadersAsync(CancellationToken cancellationToken) => new(new CallHeaders());

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
