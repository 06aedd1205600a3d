using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Micro.Transport;

namespace Micro.Grpc;

/// <summary>Sockets of one connection: TCP or Unix domain, in plaintext or TLS, HTTP/2 from the first byte on, pinged while they live.</summary>
internal static class GrpcSockets
{
    /// <summary>What HTTP sees of an address. Over TLS that is the service; a Unix socket has no authority of its own.</summary>
    public static Uri ChannelAddress(Uri address, ConnectionTarget target) =>
        !MicroAddress.IsInsecure(address) ? new Uri($"https://{target.Host}")
        : MicroAddress.IsUnixSocket(address) ? new Uri("http://localhost")
        : new UriBuilder("http", address.Host, address.Port).Uri;

    public static SocketsHttpHandler CreateHandler(Uri address, ConnectionTarget target, GrpcClientOptions options, GrpcOpenSockets open)
    {
        EndPoint endPoint = MicroAddress.IsUnixSocket(address)
            ? new UnixDomainSocketEndPoint(Uri.UnescapeDataString(address.AbsolutePath))
            : IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) ? new IPEndPoint(ip, address.Port) : new DnsEndPoint(address.Host, address.Port);
        var secure = MicroAddress.IsInsecure(address) ? null : target;
        return new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,

            // Also while no call is open: an idle socket whose peer died must be gone before the next call takes it.
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            KeepAlivePingDelay = options.KeepAlivePingDelay,
            KeepAlivePingTimeout = options.KeepAlivePingTimeout,
            PooledConnectionIdleTimeout = options.IdleTimeout,
            PooledConnectionLifetime = secure?.ConnectionLifetime ?? Timeout.InfiniteTimeSpan,

            // The callback keeps the time, so that running out of it counts as a failure to connect and not as a cancelled call.
            ConnectTimeout = Timeout.InfiniteTimeSpan,
            ConnectCallback = (_, cancellationToken) => ConnectAsync(endPoint, secure, open, options.ConnectTimeout, cancellationToken),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,

            // The pipeline propagates the trace.
            ActivityHeadersPropagator = null,
        };
    }

    // SocketsHttpHandler pings no socket that it takes no more calls to: one past its lifetime, or whose peer drains. The streams on it would never hear that the
    // peer's machine is gone. With these probes they do after at most 5 + 5 s.
    private static Socket NewTcp()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 1);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 5);
        return socket;
    }

    private static async ValueTask<Stream> ConnectAsync(
        EndPoint endPoint, ConnectionTarget? secure, GrpcOpenSockets open, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var socket = endPoint is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : NewTcp();
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(timeout);
        try
        {
            await socket.ConnectAsync(endPoint, late.Token);
            var stream = open.Add(socket);
            return secure is null ? stream : await secure.SecureAsync(stream, SslApplicationProtocol.Http2, late.Token);
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
