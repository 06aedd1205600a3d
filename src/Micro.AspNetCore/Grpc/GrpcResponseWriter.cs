using global::Grpc.Core;

namespace Micro.AspNetCore.Grpc;

/// <summary>
/// Hands responses over one by one: a write ends when the message was taken and sent, so that a method is no faster than its caller, and a message may be used
/// again after it. The method may write from any thread, one message at a time; there is one reader.
/// </summary>
internal sealed class GrpcResponseWriter<T> : IServerStreamWriter<T>
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _write;
    private TaskCompletionSource<bool>? _read;
    private bool _completed;
    private bool _closed;

    /// <summary>The message being handed over.</summary>
    public T? Current { get; private set; }

    /// <summary>Kept for the method to read; messages are compressed as the server was configured.</summary>
    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    /// <summary>The token ends the wait; the message is sent all the same.</summary>
    public Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellationToken);
        }

        TaskCompletionSource write;
        TaskCompletionSource<bool>? read;
        lock (_lock)
        {
            if (_closed || _completed)
            {
                return Task.FromException(new InvalidOperationException("Can't write the message because the request is complete."));
            }

            if (_write is not null)
            {
                return Task.FromException(new InvalidOperationException("Can't write the message because the previous write is in progress."));
            }

            Current = message;
            _write = write = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            (read, _read) = (_read, null);
        }

        read?.SetResult(true);
        return cancellationToken.CanBeCanceled ? write.Task.WaitAsync(cancellationToken) : write.Task;
    }

    /// <summary>Waits for the next message; false when the method ended and there is none.</summary>
    public ValueTask<bool> ReadAsync()
    {
        lock (_lock)
        {
            if (_write is not null || _completed)
            {
                return new(_write is not null);
            }

            _read = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            return new(_read.Task);
        }
    }

    /// <summary>The message was sent: the method goes on.</summary>
    public void Taken()
    {
        TaskCompletionSource? write;
        lock (_lock)
        {
            (write, _write) = (_write, null);
            Current = default;
        }

        write?.SetResult();
    }

    /// <summary>The method ended. A message it did not wait for is still read.</summary>
    public void Complete()
    {
        TaskCompletionSource<bool>? read;
        lock (_lock)
        {
            _completed = true;
            (read, _read) = (_read, null);
        }

        read?.SetResult(false);
    }

    /// <summary>The reader takes no more. True when the method has not ended.</summary>
    public bool Close()
    {
        TaskCompletionSource? write;
        lock (_lock)
        {
            _closed = true;
            (write, _write) = (_write, null);
            if (write is null && _completed)
            {
                return false;
            }
        }

        write?.SetException(new InvalidOperationException("Can't write the message because the request is complete."));
        return true;
    }
}
