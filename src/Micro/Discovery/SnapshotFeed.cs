using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Micro.Discovery;

/// <summary>
/// Hands the newest of a sequence of immutable values to any number of readers. It keeps one value, never a queue: a slow reader skips to the newest,
/// and all readers get the same object. For writers of resolvers. Thread-safe; nothing to dispose.
/// </summary>
/// <typeparam name="T">An immutable type.</typeparam>
public sealed class SnapshotFeed<T>
    where T : class
{
    private State _state = new(null, null);

    /// <summary>The newest value; null before the first one. One volatile read.</summary>
    public T? Current => Volatile.Read(ref _state).Value;

    /// <summary>Makes a value the newest one and ends a failure.</summary>
    public void Publish(T value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Replace(new State(value, null));
    }

    /// <summary>Lets all readers, and those that come before the next value, fail. <see cref="Current"/> stays.</summary>
    public void Fail(Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        Replace(new State(Current, failure));
    }

    /// <summary>Yields the newest value as soon as there is one, then every newer one that the reader is quick enough to see, in order.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled: the only end besides a failure.</exception>
    public async IAsyncEnumerable<T> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        T? last = null;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var state = Volatile.Read(ref _state);
            if (state.Failure is { } failure)
            {
                ExceptionDispatchInfo.Throw(failure);
            }

            if (state.Value is { } value && !ReferenceEquals(value, last))
            {
                last = value;
                yield return value;
            }
            else
            {
                await state.Replaced.WaitAsync(cancellationToken);
            }
        }
    }

    private void Replace(State next) => Interlocked.Exchange(ref _state, next).End();

    private sealed class State(T? value, Exception? failure)
    {
        private readonly TaskCompletionSource _replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public T? Value { get; } = value;

        public Exception? Failure { get; } = failure;

        public Task Replaced => _replaced.Task;

        public void End() => _replaced.TrySetResult();
    }
}
