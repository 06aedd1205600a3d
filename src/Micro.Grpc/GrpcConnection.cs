using System.Runtime.CompilerServices;
using global::Grpc.Core;
using Micro.Transport;

namespace Micro.Grpc;

/// <summary>
/// The way to one address, over sockets of its own. Multiplexes calls over as few of them as the peer's limit of streams allows: the first lane with room takes a
/// call, and another one is made when none has.
/// </summary>
internal sealed class GrpcConnection : IClientConnection, IUnaryConnection
{
    private readonly Lock _growing = new();
    private readonly Uri _address;
    private readonly ConnectionTarget _target;
    private readonly GrpcTargets _targets;
    private readonly GrpcMethods _methods;
    private readonly GrpcClientOptions _options;
    private readonly SemaphoreSlim _slots;
    private readonly GrpcOpenSockets _sockets = new();
    private volatile GrpcLane[] _lanes;
    private volatile bool _disposed;

    public GrpcConnection(Uri address, ConnectionTarget target, GrpcMethods methods, GrpcClientOptions options)
    {
        _methods = methods;
        _options = options;
        _slots = new SemaphoreSlim(options.MaxConcurrentCalls);
        _address = address;
        _target = target;
        _targets = new GrpcTargets(GrpcSockets.ChannelAddress(address, target));
        _lanes = [NewLane()];
    }

    /// <summary>True once disposed: what breaks after that broke because of it.</summary>
    public bool IsDisposed => _disposed;

    /// <summary>Takes one of the places for open calls, waiting for it when all are taken.</summary>
    private ValueTask EnterAsync(CancellationToken cancellationToken) =>
        _slots.Wait(0, CancellationToken.None) ? ValueTask.CompletedTask : new ValueTask(_slots.WaitAsync(cancellationToken));

    public void Exit(GrpcLane lane)
    {
        lane.Exit();
        _slots.Release();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<UnaryReply> CallAsync(OutgoingCall call, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Refusal(call, request.Length) is { } refusal)
        {
            return new UnaryReply(refusal);
        }

        await EnterAsync(cancellationToken);
        var lane = TakeLane();
        try
        {
            return await lane.Unary.SendAsync(call, GrpcContentTypes.ToHeader(call.ContentType)!, request, cancellationToken);
        }
        catch (Exception e) when (GrpcOutcome.IsTransportFailure(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new UnaryReply(GrpcOutcome.Read(e, _disposed));
        }
        finally
        {
            Exit(lane);
        }
    }

    public async ValueTask<ICallStream> OpenAsync(OutgoingCall call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Refusal(call, 0) is { } refusal)
        {
            return new RefusedStream(refusal);
        }

        await EnterAsync(cancellationToken);
        var lane = TakeLane();
        try
        {
            return new GrpcCallStream(StartStream(lane, call, cancellationToken), this, lane, _options.MaxSendMessageBytes, cancellationToken);
        }
        catch (Exception e)
        {
            Exit(lane);
            if (!GrpcOutcome.IsTransportFailure(e))
            {
                throw;
            }

            cancellationToken.ThrowIfCancellationRequested();
            return new RefusedStream(GrpcOutcome.Read(e, _disposed));
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_growing)
        {
            if (!_disposed)
            {
                _disposed = true;
                Array.ForEach(_lanes, lane => lane.Dispose());
                _sockets.Dispose();
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>A place on the first lane that has one: those behind it fall idle, and their sockets close.</summary>
    private GrpcLane TakeLane()
    {
        foreach (var lane in _lanes)
        {
            if (lane.TryEnter())
            {
                return lane;
            }
        }

        lock (_growing)
        {
            var lanes = _lanes;
            foreach (var lane in lanes)
            {
                if (lane.TryEnter())
                {
                    return lane;
                }
            }

            var more = NewLane();
            more.TryEnter();
            if (_disposed)
            {
                more.Dispose(); // the call ends as one on a closed connection does
            }

            _lanes = [.. lanes, more];
            return more;
        }
    }

    private GrpcLane NewLane() => new(GrpcSockets.CreateHandler(_address, _target, _options, _sockets), _targets, _options);

    private CallEnd? Refusal(in OutgoingCall call, int length)
    {
        if (_disposed)
        {
            return new CallEnd(new CallStatus(CallStatusCode.Unavailable, "The connection is closed.", notProcessed: true));
        }

        if (length > _options.MaxSendMessageBytes)
        {
            return new CallEnd(GrpcOutcome.TooLarge(length, _options.MaxSendMessageBytes).AsNotProcessed());
        }

        return GrpcContentTypes.ToHeader(call.ContentType) is null
            ? new CallEnd(new CallStatus(CallStatusCode.InvalidArgument, $"Content type '{call.ContentType}' cannot be sent over gRPC.", notProcessed: true))
            : null;
    }

    private AsyncDuplexStreamingCall<GrpcRequest, CallMessage> StartStream(GrpcLane lane, in OutgoingCall call, CancellationToken cancellationToken)
    {
        GrpcCallHandler.Enter(call, GrpcContentTypes.ToHeader(call.ContentType)!);
        try
        {
            return lane.Invoker.AsyncDuplexStreamingCall(_methods.Stream(call.Spec), null, new CallOptions(cancellationToken: cancellationToken));
        }
        finally
        {
            GrpcCallHandler.Leave();
        }
    }
}
