using System.Runtime.ExceptionServices;
using Micro.LoadBalancing;
using Micro.Transport;

namespace Micro.Rpc;

/// <summary>
/// C4 to C6 for streams: opens the call on a picked instance and, until the first response message, opens it again elsewhere where that is safe, replaying what was
/// sent. What is kept for that is bounded; past the bound the call is committed to its instance (LB-7).
/// </summary>
internal sealed class RetryingCallStream(ClientChannel channel, CallSpec spec, CallContext context, string contentType, string? routeKey) : ICallStream
{
    private static readonly CallStatus Overdue = new(CallStatusCode.DeadlineExceeded);
    private static readonly CallStatus Abandoned = new(CallStatusCode.Cancelled);

    // Guards opening, and writing against re-opening. Reading is outside: it is what finds out that the call failed.
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly List<CallMessage> _sent = [];
    private long _sentBytes;
    private volatile bool _committed;
    private bool _halfClosed;
    private CallAttempts? _attempts;
    private CallTarget? _target;
    private ExceptionDispatchInfo? _notOpened;
    private volatile ICallStream? _current;

    public CallEnd? End { get; private set; }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await EnsureOpenAsync(cancellationToken);
            if (_current is not { } stream)
            {
                return;
            }

            // Only now: opening may replay what was kept before, and this message is sent below.
            Keep(message);
            try
            {
                context.Touch();
                await stream.WriteAsync(message, cancellationToken);
                context.Touch();
            }
            catch (CallException) when (!_committed)
            {
                // The reader sees why, and where the call is opened again this message is among those replayed.
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask CompleteAsync(CallEnd end, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await EnsureOpenAsync(cancellationToken);
            _halfClosed = true;
            if (_current is not { } stream)
            {
                return;
            }

            try
            {
                await stream.CompleteAsync(end, cancellationToken);
            }
            catch (CallException) when (!_committed)
            {
                // As in WriteAsync.
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask<CallMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        while (End is null)
        {
            var stream = _current;
            if (stream is null)
            {
                await OpenForReadingAsync(cancellationToken);
                continue;
            }

            context.Touch();
            var message = await stream.ReadAsync(cancellationToken);
            context.Touch();
            if (message is not null)
            {
                Commit();
                return message;
            }

            await EndedAsync(stream.End ?? throw new InvalidOperationException("A stream that ended has no outcome."), cancellationToken);
        }

        return null;
    }

    public async ValueTask<CallHeaders> HeadersAsync(CancellationToken cancellationToken) =>
        _current is { } stream ? await stream.HeadersAsync(cancellationToken) : new CallHeaders();

    public CallException Failure() => _attempts is null ? new CallException(End!.Status) : _attempts.Failure(End!.Status);

    public async ValueTask DisposeAsync()
    {
        if (_current is { } stream)
        {
            await stream.DisposeAsync();
        }

        Leave(End?.Status ?? (context.Remaining == TimeSpan.Zero ? Overdue : Abandoned));
        Forget();
        _gate.Dispose();
    }

    private async ValueTask OpenForReadingAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await EnsureOpenAsync(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>C4: the attempt is over. Either this is the call's outcome, or the call is opened on another instance.</summary>
    private async ValueTask EndedAsync(CallEnd end, CancellationToken cancellationToken)
    {
        if (end.Status.IsOk)
        {
            channel.Budget.Succeeded();
        }

        if (end.Status.IsOk || _committed)
        {
            End = end;
            return;
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_committed || !await MayRetryAsync(end, cancellationToken))
            {
                End = end;
                return;
            }

            var failed = _current!;
            _current = null;
            await failed.DisposeAsync();
            Leave(end.Status);
            await EnsureOpenAsync(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Opens the call unless it is open or over. What fails here fails for both sides of the call, whichever came first.</summary>
    private async ValueTask EnsureOpenAsync(CancellationToken cancellationToken)
    {
        _notOpened?.Throw();
        try
        {
            while (_current is null && End is null)
            {
                await OpenAsync(cancellationToken);
            }
        }
        catch (Exception e)
        {
            // Else the reader could open the call anew, without what the writer had been about to send.
            _notOpened = ExceptionDispatchInfo.Capture(e);
            throw;
        }
    }

    private async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        // C5
        var attempt = _attempts?.Tried.Count ?? 0;
        var random = channel.Services.Random.Next();
        var pick = routeKey is null
            ? new PickContext(random, Attempt: attempt)
            : new PickContext(random, InstanceState.HashOf(routeKey), HasKey: true, attempt);
        var target = await channel.PickAsync(pick, context.Options?.Address, _attempts, cancellationToken);
        _target = target;

        // C6
        ICallStream? opened = null;
        try
        {
            var outgoing = ClientCall.Outgoing(spec, context, contentType, attempt, wantsHeaders: true);
            opened = await target.Connection.Connection.OpenAsync(outgoing, cancellationToken);
            await ReplayAsync(opened, cancellationToken);
            (_current, opened) = (opened, null);
        }
        catch (CallException e)
        {
            var end = new CallEnd(e.Status);
            var again = await MayRetryAsync(end, cancellationToken);
            Leave(e.Status);
            if (!again)
            {
                End = end;
            }
        }
        finally
        {
            if (opened is not null)
            {
                await opened.DisposeAsync();
            }
        }
    }

    /// <summary>Sends again what the calls before this one were sent.</summary>
    private async ValueTask ReplayAsync(ICallStream stream, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var message in _sent)
            {
                await stream.WriteAsync(message.Memory, cancellationToken);
            }

            if (_halfClosed)
            {
                await stream.CompleteAsync(CallEnd.Ok, cancellationToken);
            }
        }
        catch (CallException)
        {
            // It failed at once: the reader learns how from this stream and decides anew.
        }
    }

    private async ValueTask<bool> MayRetryAsync(CallEnd end, CancellationToken cancellationToken)
    {
        _attempts ??= new CallAttempts(channel, spec, context);
        _attempts.Add(_target!.Value, end.Status);
        return await _attempts.ShouldRetryAsync(end, context.Remaining, cancellationToken);
    }

    private void Leave(CallStatus status)
    {
        if (_target is { } target)
        {
            _target = null;
            channel.Report(target.State, status);
            target.Release();
        }
    }

    private void Keep(ReadOnlyMemory<byte> message)
    {
        if (_committed)
        {
            Forget();
            return;
        }

        if (_sentBytes + message.Length > channel.Options.RetryBufferBytes || !channel.TryKeep(message.Length))
        {
            _committed = true;
            Forget();
            return;
        }

        _sentBytes += message.Length;
        _sent.Add(CallMessage.Copy(message.Span));
    }

    /// <summary>A response came: from now on the call stays where it is, and what was kept for a replay is given back.</summary>
    private void Commit()
    {
        if (_committed)
        {
            return;
        }

        _committed = true;

        // A writer may hold the gate, waiting for the server to read; waiting for it here could wait for ever. It forgets for us then.
        if (_gate.Wait(0))
        {
            Forget();
            _gate.Release();
        }
    }

    private void Forget()
    {
        foreach (var message in _sent)
        {
            message.Dispose();
        }

        _sent.Clear();
        channel.GiveBack(_sentBytes);
        _sentBytes = 0;
    }
}
