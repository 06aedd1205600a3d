using System.Runtime.CompilerServices;
using global::Grpc.Core;
using global::Grpc.Net.Client;
using Micro.Transport;

namespace Micro.Grpc;

/// <summary>
/// The way to one address, over sockets of its own: unary calls straight over HTTP/2, streams through a channel of grpc-dotnet. Multiplexes calls over as few sockets
/// as the peer's limit of streams allows.
/// </summary>
internal sealed class GrpcConnection : IClientConnection, IUnaryConnection
{
    private readonly GrpcChannel _channel;
    private readonly CallInvoker _invoker;
    private readonly GrpcUnaryCall _unary;
    private readonly GrpcMethods _methods;
    private readonly GrpcClientOptions _options;
    private readonly SemaphoreSlim _slots;
    private volatile bool _disposed;

    public GrpcConnection(Uri address, ConnectionTarget target, GrpcMethods methods, GrpcClientOptions options)
    {
        _methods = methods;
        _options = options;
        _slots = new SemaphoreSlim(options.MaxConcurrentCalls);
        var channel = GrpcSockets.ChannelAddress(address, target);
        var handler = GrpcSockets.CreateHandler(address, target, options);
        _unary = new GrpcUnaryCall(handler, new GrpcTargets(channel), options.MaxReceiveMessageBytes);
        _channel = GrpcChannel.ForAddress(channel, new GrpcChannelOptions
        {
            // Given a handler, grpc-dotnet puts its own balancer around it, which costs more and sends from other threads. The pipeline keeps the time.
            HttpClient = new HttpClient(new GrpcCallHandler(handler)) { Timeout = Timeout.InfiniteTimeSpan },
            DisposeHttpClient = true,
            MaxReceiveMessageSize = options.MaxReceiveMessageBytes,
            MaxSendMessageSize = options.MaxSendMessageBytes,
        });
        _invoker = _channel.CreateCallInvoker();
    }

    /// <summary>True once disposed: what breaks after that broke because of it.</summary>
    public bool IsDisposed => _disposed;

    /// <summary>Takes one of the places for open calls, waiting for it when all are taken.</summary>
    private ValueTask EnterAsync(CancellationToken cancellationToken) =>
        _slots.Wait(0, CancellationToken.None) ? ValueTask.CompletedTask : new ValueTask(_slots.WaitAsync(cancellationToken));

    public void Exit() => _slots.Release();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<UnaryReply> CallAsync(OutgoingCall call, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Refusal(call, request.Length) is { } refusal)
        {
            return new UnaryReply(refusal);
        }

        await EnterAsync(cancellationToken);
        try
        {
            return await _unary.SendAsync(call, GrpcContentTypes.ToHeader(call.ContentType)!, request, cancellationToken);
        }
        catch (Exception e) when (GrpcOutcome.IsTransportFailure(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new UnaryReply(GrpcOutcome.Read(e, _disposed));
        }
        finally
        {
            Exit();
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
        try
        {
            return new GrpcCallStream(StartStream(call, cancellationToken), this, _options.MaxSendMessageBytes, cancellationToken);
        }
        catch (Exception e)
        {
            Exit();
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
        if (!_disposed)
        {
            _disposed = true;
            _channel.Dispose();
        }

        return ValueTask.CompletedTask;
    }

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

    private AsyncDuplexStreamingCall<GrpcRequest, CallMessage> StartStream(in OutgoingCall call, CancellationToken cancellationToken)
    {
        GrpcCallHandler.Enter(call, GrpcContentTypes.ToHeader(call.ContentType)!);
        try
        {
            return _invoker.AsyncDuplexStreamingCall(_methods.Stream(call.Spec), null, new CallOptions(cancellationToken: cancellationToken));
        }
        finally
        {
            GrpcCallHandler.Leave();
        }
    }
}
