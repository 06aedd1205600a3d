using System.Collections.Concurrent;
using Micro.Transport;
using Micro.Transport.InProcess;

namespace Micro.Tests.Support;

/// <summary>Calls in the process, and counts the connections made and closed.</summary>
internal sealed class TransportProbe : IClientTransport
{
    private readonly InProcessClientTransport _inner = new();

    public string Scheme => "inproc";

    public ConcurrentQueue<Connection> Connections { get; } = new();

    public int Open => Connections.Count(connection => !connection.IsDisposed);

    /// <summary>What closing a connection throws.</summary>
    public Exception? CloseFailure { get; set; }

    public IClientConnection Connect(Uri address, ConnectionTarget target)
    {
        var connection = new Connection(this, address, _inner.Connect(address, target));
        Connections.Enqueue(connection);
        return connection;
    }

    internal sealed class Connection(TransportProbe owner, Uri address, IClientConnection inner) : IClientConnection, IUnaryConnection
    {
        private int _disposed;
        private int _calls;

        public Uri Address => address;

        public bool IsDisposed => Volatile.Read(ref _disposed) > 0;

        public int Disposals => Volatile.Read(ref _disposed);

        public int Calls => Volatile.Read(ref _calls);

        public ValueTask<ICallStream> OpenAsync(OutgoingCall call, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _calls);
            return inner.OpenAsync(call, cancellationToken);
        }

        public ValueTask<UnaryReply> CallAsync(OutgoingCall call, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _calls);
            return ((IUnaryConnection)inner).CallAsync(call, request, cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            Interlocked.Increment(ref _disposed);
            await inner.DisposeAsync();
            if (owner.CloseFailure is { } failure)
            {
                throw failure;
            }
        }
    }
}
