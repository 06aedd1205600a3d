using global::Grpc.Core;

namespace Micro.AspNetCore.Grpc;

/// <summary>The requests of a call for a method that reads. Reads come one after the other; one whose wait was given up goes on, and the next takes its result.</summary>
internal sealed class GrpcRequestReader<T>(IAsyncEnumerable<T> requests, CancellationToken callToken) : IAsyncStreamReader<T>
{
    private readonly Lock _lock = new();
    private IAsyncEnumerator<T>? _enumerator;
    private Task<bool>? _next;
    private bool _reading;
    private bool _closed;

    public T Current { get; private set; } = default!;

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<bool>(cancellationToken);
        }

        lock (_lock)
        {
            if (_closed)
            {
                return Task.FromException<bool>(new InvalidOperationException("Can't read messages after the request is complete."));
            }

            if (_reading)
            {
                return Task.FromException<bool>(
                    new InvalidOperationException("Can't read the next message because the previous read is still in progress."));
            }

            _reading = true;
        }

        return ReadAsync(cancellationToken);
    }

    /// <summary>The method ended. A read it left behind is not waited for: it ends with the stream below.</summary>
    public async ValueTask CloseAsync()
    {
        lock (_lock)
        {
            _closed = true;
            if (_reading || _next is { IsCompleted: false })
            {
                // Nobody else looks at how it ends.
                _ = _next?.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                return;
            }
        }

        if (_enumerator is not null)
        {
            await _enumerator.DisposeAsync();
        }
    }

    private async Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            // One that ended the stream, or failed, stays: to ask again is to hear the same again.
            _enumerator ??= requests.GetAsyncEnumerator(callToken);
            _next ??= _enumerator.MoveNextAsync().AsTask();
            var more = await (cancellationToken == callToken ? _next : _next.WaitAsync(cancellationToken));
            Current = more ? _enumerator.Current : default!;
            _next = more ? null : _next;
            return more;
        }
        finally
        {
            lock (_lock)
            {
                _reading = false;
            }
        }
    }
}
