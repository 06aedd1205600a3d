using System.Runtime.CompilerServices;
using global::Grpc.Core;
using Micro.Transport;

namespace Micro.Grpc;

/// <summary>A call of any kind over grpc-dotnet's freest form. One reader and one writer at a time.</summary>
internal sealed class GrpcCallStream(
    AsyncDuplexStreamingCall<GrpcRequest, CallMessage> call, GrpcConnection connection, GrpcLane lane, int maxMessageBytes, CancellationToken callToken) : ICallStream
{
    private readonly GrpcRequest _request = new();
    private CallEnd? _end;
    private CallEnd? _broken;
    private int _left;

    public CallEnd? End => Volatile.Read(ref _end);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (message.Length > maxMessageBytes)
        {
            // The peer learns of it as of a cancelled call; this side knows better.
            _broken = new CallEnd(GrpcOutcome.TooLarge(message.Length, maxMessageBytes));
            call.Dispose();
            throw new CallException(_broken.Status);
        }

        _request.Hold(message);
        try
        {
            await call.RequestStream.WriteAsync(_request, cancellationToken);
        }
        catch (Exception e) when (GrpcOutcome.IsTransportFailure(e) || e is InvalidOperationException)
        {
            ThrowIfCancelled(cancellationToken);
            throw new CallException(await WhyOverAsync(e), e);
        }
        finally
        {
            _request.Release();
        }
    }

    public async ValueTask CompleteAsync(CallEnd end, CancellationToken cancellationToken)
    {
        try
        {
            await call.RequestStream.CompleteAsync();
        }
        catch (Exception e) when (GrpcOutcome.IsTransportFailure(e) || e is InvalidOperationException)
        {
            // The call is over already; reading says how.
            ThrowIfCancelled(cancellationToken);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<CallMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        if (End is not null)
        {
            return null;
        }

        try
        {
            if (await call.ResponseStream.MoveNext(cancellationToken))
            {
                return call.ResponseStream.Current;
            }

            Finish(new CallEnd(CallStatus.Ok, GrpcHeaders.Read(call.GetTrailers())));
        }
        catch (Exception e) when (GrpcOutcome.IsTransportFailure(e))
        {
            ThrowIfCancelled(cancellationToken);
            Finish(_broken ?? GrpcOutcome.Read(e, connection.IsDisposed));
        }

        return null;
    }

    public async ValueTask<CallHeaders> HeadersAsync(CancellationToken cancellationToken)
    {
        try
        {
            return GrpcHeaders.Read(await call.ResponseHeadersAsync.WaitAsync(cancellationToken)) ?? [];
        }
        catch (Exception e) when (GrpcOutcome.IsTransportFailure(e))
        {
            ThrowIfCancelled(cancellationToken);
            return [];
        }
    }

    public ValueTask DisposeAsync()
    {
        call.Dispose();
        Leave();
        return ValueTask.CompletedTask;
    }

    private void Finish(CallEnd end)
    {
        Volatile.Write(ref _end, end);
        Leave();
    }

    private void Leave()
    {
        if (Interlocked.Exchange(ref _left, 1) == 0)
        {
            connection.Exit(lane);
        }
    }

    private void ThrowIfCancelled(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        callToken.ThrowIfCancellationRequested();
    }

    /// <summary>
    /// The outcome behind a write that was refused. grpc-dotnet tells the writer that the call is over before it has told the reader how; where nobody
    /// reads at the moment, the writer learns no more than that.
    /// </summary>
    private async ValueTask<CallStatus> WhyOverAsync(Exception refused)
    {
        if (_broken is { } broken)
        {
            return broken.Status;
        }

        if (End is null && refused is not RpcException)
        {
            // Whoever reads is about to be told.
            await Task.Yield();
        }

        var status = End?.Status ?? GrpcOutcome.Read(refused, connection.IsDisposed).Status;
        return status.IsOk ? new CallStatus(CallStatusCode.FailedPrecondition, "The call is over; nothing more can be sent.") : status;
    }
}
