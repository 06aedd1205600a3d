using System.Diagnostics;
using System.Runtime.CompilerServices;
using Micro.Rpc;

namespace Micro.Soak.Transport;

/// <summary>One call of some kind to one address that would take long, were it not ended by the caller or by its deadline; and what was seen of it.</summary>
internal sealed class TransportCall(ISoak soak, TransportTarget target, CallKind kind, long id)
{
    private const int Long = 30_000;

    public TransportTarget Target => target;

    public long Id => id;

    /// <summary>When the caller called, cancelled and got its answer; timestamps.</summary>
    public long Began { get; private set; }

    public long Cancelled { get; private set; }

    public long Returned { get; private set; }

    /// <summary>What the caller saw; null when the call succeeded, or was left without a word.</summary>
    public Exception? Failure { get; private set; }

    public string Name => $"{kind} {id} at {target.Name}";

    public TimeSpan Took => Stopwatch.GetElapsedTime(Began, Returned);

    /// <summary>Cancels the call after a while: by its token, or, where that is a stream to read, by reading no more.</summary>
    public async Task CancelAsync(TimeSpan after, bool byLeaving)
    {
        using var cancel = new CancellationTokenSource();
        var leave = byLeaving && kind is CallKind.ServerStream or CallKind.Duplex ? after : Timeout.InfiniteTimeSpan;
        var call = RunAsync(new CallOptions { Address = target.Address, MaxAttempts = 1 }, leave, cancel.Token);
        if (leave == Timeout.InfiniteTimeSpan)
        {
            await Task.WhenAny(call, Task.Delay(after, CancellationToken.None));
            Cancelled = Stopwatch.GetTimestamp();
            await cancel.CancelAsync();
        }

        await call;
    }

    /// <summary>Lets the call run into its deadline.</summary>
    public Task ExpireAsync(TimeSpan timeout) =>
        RunAsync(new CallOptions { Address = target.Address, MaxAttempts = 1, Timeout = timeout }, Timeout.InfiniteTimeSpan, CancellationToken.None);

    private async Task RunAsync(CallOptions options, TimeSpan leave, CancellationToken cancellationToken)
    {
        await Task.Yield();
        Began = Stopwatch.GetTimestamp();
        try
        {
            using var scope = CallOptions.Use(options);
            switch (kind)
            {
                case CallKind.Unary:
                    await soak.HoldAsync(new SoakRequest(id, Long), cancellationToken);
                    break;
                case CallKind.ClientStream:
                    await soak.GatherAsync(RequestsAsync(cancellationToken), cancellationToken);
                    break;
                case CallKind.ServerStream:
                    await ReadAsync(soak.PourAsync(new SoakRequest(id, 5, Long), cancellationToken), leave);
                    break;
                default:
                    await ReadAsync(soak.TalkAsync(RequestsAsync(cancellationToken), cancellationToken), leave);
                    break;
            }
        }
        catch (Exception e)
        {
            Failure = e;
        }

        Returned = Stopwatch.GetTimestamp();
    }

    private async Task ReadAsync(IAsyncEnumerable<SoakReply> replies, TimeSpan leave)
    {
        await foreach (var reply in replies)
        {
            if (leave != Timeout.InfiniteTimeSpan && Stopwatch.GetElapsedTime(Began) > leave)
            {
                Cancelled = Stopwatch.GetTimestamp();
                return;
            }
        }
    }

    private async IAsyncEnumerable<SoakRequest> RequestsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var i = 0; i < Long; i++)
        {
            yield return new SoakRequest(id);
            await Task.Delay(5, cancellationToken);
        }
    }
}

/// <summary>An address of a server, and how long a round trip to it takes at the moment.</summary>
internal sealed class TransportTarget(string server, Uri address)
{
    private readonly Queue<TimeSpan> _trips = new();

    public Uri Address => address;

    public string Name { get; } = $"{server} {address.Scheme}";

    /// <summary>The slowest of the last ten.</summary>
    public TimeSpan RoundTrip
    {
        get
        {
            lock (_trips)
            {
                return _trips.Count == 0 ? TimeSpan.Zero : _trips.Max();
            }
        }
    }

    public void Note(TimeSpan trip)
    {
        lock (_trips)
        {
            _trips.Enqueue(trip);
            if (_trips.Count > 10)
            {
                _trips.Dequeue();
            }
        }
    }
}
