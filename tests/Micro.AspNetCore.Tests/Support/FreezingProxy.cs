using System.Net;
using System.Net.Sockets;

namespace Micro.AspNetCore.Tests.Support;

/// <summary>Stands between client and server, counts sockets, and can go silent as a pulled cable does: nothing is passed on and nothing is closed.</summary>
internal sealed class FreezingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _freeze = new();
    private readonly Uri _target;
    private readonly List<Task> _tasks = [];
    private readonly List<Socket> _sockets = [];
    private int _accepted;
    private int _open;
    private int _most;

    public FreezingProxy(Uri target)
    {
        _target = target;
        _listener.Start();
        _tasks.Add(AcceptAsync());
    }

    public Uri Address => new($"grpc+insecure://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Sockets the client opened.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    public int Open => Volatile.Read(ref _open);

    public int Most => Volatile.Read(ref _most);

    /// <summary>Existing sockets go silent; new ones are refused when <paramref name="refuseNew"/> is set.</summary>
    public void Freeze(bool refuseNew)
    {
        _freeze.Cancel();
        if (refuseNew)
        {
            _listener.Stop();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await Task.WhenAll(_tasks.ToArray());
        _sockets.ForEach(socket => socket.Dispose());
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                _sockets.Add(client);
                Interlocked.Increment(ref _accepted);
                _most = Math.Max(_most, Interlocked.Increment(ref _open));
                if (_freeze.IsCancellationRequested)
                {
                    continue;
                }

                var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                client.NoDelay = true;
                _sockets.Add(server);
                await server.ConnectAsync(_target.Host, _target.Port, _stop.Token);
                _tasks.Add(RelayAsync(client, server));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    private async Task RelayAsync(Socket client, Socket server)
    {
        await Task.WhenAll(PumpAsync(client, server), PumpAsync(server, client));
        Interlocked.Decrement(ref _open);
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, _freeze.Token);
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var read = await from.ReceiveAsync(buffer, stop.Token);
                if (read == 0)
                {
                    to.Shutdown(SocketShutdown.Send);
                    return;
                }

                await to.SendAsync(buffer.AsMemory(0, read), stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            if (!stop.IsCancellationRequested)
            {
                to.Close();
            }
        }
    }
}
