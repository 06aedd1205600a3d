using global::Grpc.Core;
using global::Grpc.Net.Client;

namespace Micro.Grpc;

/// <summary>
/// One pool of sockets with room for as many calls as fit on one: unary calls straight over HTTP/2, streams through a channel of grpc-dotnet. The number is kept here because SocketsHttpHandler pings only sockets that have
/// room for another stream (dotnet/runtime issue 120179): on one that is full of calls to a peer that fell silent, none of them would ever be told.
/// </summary>
internal sealed class GrpcLane : IDisposable
{
    /// <summary>Below the 100 streams that RFC 9113 asks every server to take (6.5.2), so that there is always room for one more.</summary>
    public const int MostCalls = 90;

    private readonly GrpcChannel _channel;
    private int _calls;

    public GrpcLane(HttpMessageHandler handler, GrpcTargets targets, GrpcClientOptions options)
    {
        Unary = new GrpcUnaryCall(handler, targets, options.MaxReceiveMessageBytes);
        _channel = GrpcChannel.ForAddress(targets.Channel, new GrpcChannelOptions
        {
            // Given a handler, grpc-dotnet puts its own balancer around it, which costs more and sends from other threads. The pipeline keeps the time.
            HttpClient = new HttpClient(new GrpcCallHandler(handler)) { Timeout = Timeout.InfiniteTimeSpan },
            DisposeHttpClient = true,
            MaxReceiveMessageSize = options.MaxReceiveMessageBytes,
            MaxSendMessageSize = options.MaxSendMessageBytes,
        });
        Invoker = _channel.CreateCallInvoker();
    }

    public GrpcUnaryCall Unary { get; }

    public CallInvoker Invoker { get; }

    /// <summary>Takes a place, given back by <see cref="Exit"/>. False when there is none.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _calls) <= MostCalls)
        {
            return true;
        }

        Exit();
        return false;
    }

    public void Exit() => Interlocked.Decrement(ref _calls);

    public void Dispose() => _channel.Dispose();
}
