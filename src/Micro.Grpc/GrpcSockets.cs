using System.Net;
using System.Net.Sockets;
using Micro.Transport;

namespace Micro.Grpc;

/// <summary>Sockets of one connection: TCP or Unix domain, HTTP/2 with prior knowledge, pinged while they live.</summary>
internal static class GrpcSockets
{
    /// <summary>What HTTP sees of an address. A Unix socket has no authority of its own.</summary>
    public static Uri ChannelAddress(Uri address) =>
        MicroAddress.IsUnixSocket(address) ? new Uri("http://localhost") : new UriBuilder("http", address.Host, address.Port).Uri;

    public static SocketsHttpHandler CreateHandler(Uri address, GrpcClientOptions options)
    {
        EndPoint endPoint = MicroAddress.IsUnixSocket(address)
            ? new UnixDomainSocketEndPoint(Uri.UnescapeDataString(address.AbsolutePath))
            : IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) ? new IPEndPoint(ip, address.Port) : new DnsEndPoint(address.Host, address.Port);
        return new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,

            // Also while no call is open: an idle socket whose peer died must be gone before the next call takes it.
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            KeepAlivePingDelay = options.KeepAlivePingDelay,
            KeepAlivePingTimeout = options.KeepAlivePingTimeout,
            PooledConnectionIdleTimeout = options.IdleTimeout,

            // The callback keeps the time, so that running out of it counts as a failure to connect and not as a cancelled call.
            ConnectTimeout = Timeout.InfiniteTimeSpan,
            ConnectCallback = (_, cancellationToken) => ConnectAsync(endPoint, options.ConnectTimeout, cancellationToken),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,

            // The pipeline propagates the trace.
            ActivityHeadersPropagator = null,
        };
    }

    private static async ValueTask<Stream> ConnectAsync(EndPoint endPoint, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var socket = endPoint is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(timeout);
        try
        {
            await socket.ConnectAsync(endPoint, late.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw new SocketException((int)SocketError.TimedOut);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
