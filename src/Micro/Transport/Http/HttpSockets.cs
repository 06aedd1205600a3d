using System.Net.Security;
using System.Net.Sockets;

namespace Micro.Transport.Http;

/// <summary>
/// Opens the sockets of one connection object and keeps sight of them: disposing an HTTP handler leaves calls that are under way alone, and
/// disposing a connection must end them.
/// </summary>
internal sealed class HttpSockets(HttpTarget target) : IDisposable
{
    private readonly HashSet<Socket> _open = [];
    private readonly CancellationTokenSource _closing = new();
    private bool _closed;

    public bool IsClosed => Volatile.Read(ref _closed);

    public async ValueTask<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = target.EndPoint is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (socket.AddressFamily != AddressFamily.Unix)
            {
                Configure(socket);
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
            await socket.ConnectAsync(target.EndPoint, either.Token);
            Add(socket);
            var stream = new TrackedStream(socket, this);
            return target.IsSecure ? await target.Target.SecureAsync(stream, SslApplicationProtocol.Http11, either.Token) : stream;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Socket[] open;
        lock (_open)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            open = [.. _open];
            _open.Clear();
        }

        _closing.Cancel();
        Array.ForEach(open, socket => socket.Dispose());
    }

    // A peer whose machine is gone sends nothing: with these probes the socket fails after at most 5 + 5 s without an answer.
    private static void Configure(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 1);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 5);
    }

    private void Add(Socket socket)
    {
        lock (_open)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _open.Add(socket);
        }
    }

    private void Remove(Socket socket)
    {
        lock (_open)
        {
            _open.Remove(socket);
        }
    }

    private sealed class TrackedStream(Socket socket, HttpSockets owner) : NetworkStream(socket, ownsSocket: true)
    {
        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                owner.Remove(Socket);
            }

            base.Dispose(disposing);
        }
    }
}
