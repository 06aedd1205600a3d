using System.Net.Sockets;

namespace Micro.Grpc;

/// <summary>
/// The sockets of one connection: disposing an HTTP handler leaves calls that are under way alone, and pings their sockets no more; disposing a connection must end them.
/// </summary>
internal sealed class GrpcOpenSockets : IDisposable
{
    private readonly HashSet<Socket> _open = [];
    private bool _closed;

    /// <summary>The stream over a connected socket.</summary>
    /// <exception cref="ObjectDisposedException">The connection is closed.</exception>
    public NetworkStream Add(Socket socket)
    {
        lock (_open)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _open.Add(socket);
        }

        return new TrackedStream(socket, this);
    }

    public void Dispose()
    {
        Socket[] open;
        lock (_open)
        {
            _closed = true;
            open = [.. _open];
            _open.Clear();
        }

        Array.ForEach(open, socket => socket.Dispose());
    }

    private void Remove(Socket socket)
    {
        lock (_open)
        {
            _open.Remove(socket);
        }
    }

    private sealed class TrackedStream(Socket socket, GrpcOpenSockets owner) : NetworkStream(socket, ownsSocket: true)
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
