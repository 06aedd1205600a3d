using System.Diagnostics.Tracing;
using System.Net;
using System.Net.Sockets;

namespace Micro.Tokens.Tests.Support;

/// <summary>A listener nobody should connect to, and a count of the connections and look-ups of names this flow starts.</summary>
internal sealed class ConnectionTrap : IDisposable
{
    private static readonly Events Watching = new();

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _before;

    public ConnectionTrap()
    {
        _listener.Start();
        _before = Watching.Count;
    }

    public string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/keys";

    /// <summary>Connections of the whole process, so tests that use it and tests that connect are not to overlap.</summary>
    public int Count => Watching.Count - _before + (_listener.Pending() ? 1 : 0);

    public void Dispose() => _listener.Dispose();

    private sealed class Events : EventListener
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name is "System.Net.Sockets" or "System.Net.NameResolution")
            {
                EnableEvents(eventSource, EventLevel.Informational);
            }
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (eventData.EventName is "ConnectStart" or "ResolutionStart")
            {
                Interlocked.Increment(ref _count);
            }
        }
    }
}
