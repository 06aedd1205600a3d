using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using global::Grpc.Core;
using global::Grpc.Net.Client;

namespace Micro.Grpc.Security;

/// <summary>
/// The wire to a Workload API: gRPC in plaintext, as there is nothing to check a certificate by before the first one came (SPIFFE_Workload_Endpoint.md, section 3.1).
/// No pings: gRPC servers in Go hang up on whoever pings more often than once in five minutes, and a local socket ends with the process behind it.
/// </summary>
internal sealed class WorkloadClient : IDisposable
{
    private const int MaxMessageBytes = 4 * 1024 * 1024;

    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(static bytes => bytes, static bytes => bytes);

    // Section 5.1. Bundles alone (FetchX509Bundles) are not fetched: they are in each of these messages too, and two streams would replace leaf and bundle one after the other.
    private static readonly Method<byte[], byte[]> Fetch = new(MethodType.ServerStreaming, "SpiffeWorkloadAPI", "FetchX509SVID", Bytes, Bytes);

    // SPIFFE_Workload_Endpoint.md, section 3: on every call, so that whoever can make another process send requests (SSRF) still gets no keys.
    private static readonly Metadata Headers = new() { { "workload.spiffe.io", "true" } };

    private readonly GrpcChannel _channel;
    private readonly CallInvoker _invoker;

    public WorkloadClient(WorkloadEndpoint endpoint)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = (_, cancellationToken) => ConnectAsync(endpoint, cancellationToken),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
        };
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            HttpClient = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan },
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaxMessageBytes,
        });
        _invoker = _channel.CreateCallInvoker();
    }

    /// <summary>The messages of one stream; the caller wipes them.</summary>
    /// <exception cref="RpcException">It cannot be opened or broke.</exception>
    public async IAsyncEnumerable<byte[]> FetchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var call = _invoker.AsyncServerStreamingCall(Fetch, null, new CallOptions(Headers, cancellationToken: cancellationToken), []);
        while (await call.ResponseStream.MoveNext(cancellationToken))
        {
            yield return call.ResponseStream.Current;
        }
    }

    public void Dispose() => _channel.Dispose();

    private static async ValueTask<Stream> ConnectAsync(WorkloadEndpoint endpoint, CancellationToken cancellationToken)
    {
        var socket = endpoint.CreateSocket();
        try
        {
            await socket.ConnectAsync(endpoint.Address, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
