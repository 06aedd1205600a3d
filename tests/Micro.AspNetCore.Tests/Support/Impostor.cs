using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Micro.Security;

namespace Micro.AspNetCore.Tests.Support;

/// <summary>A server of the mesh that shows the certificate of another service than it is asked for, and notes what it is sent.</summary>
internal sealed class Impostor : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly MutualTls _tls;
    private readonly ServiceCredential _credential;
    private readonly Task _loop;
    private int _handshakes;
    private int _bytes;

    public Impostor(TestMesh mesh, ServiceCredential credential)
    {
        _tls = mesh.Security.Tls;
        _credential = credential;
        _listener.Start();
        _loop = RunAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections that came.</summary>
    public int Connections => Volatile.Read(ref _handshakes);

    /// <summary>Bytes that came inside of TLS.</summary>
    public int Bytes => Volatile.Read(ref _bytes);

    public ConcurrentQueue<string> Failures { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            var socket = await _listener.AcceptSocketAsync(_stop.Token);
            Interlocked.Increment(ref _handshakes);
            _ = ServeAsync(socket);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using var secure = await _tls.AcceptAsync(
                new NetworkStream(socket, ownsSocket: true), _ => _credential, new PeerRecord(), [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11], _stop.Token);
            var buffer = new byte[4096];
            while (await secure.ReadAsync(buffer, _stop.Token) is > 0 and var read)
            {
                Interlocked.Add(ref _bytes, read);
            }
        }
        catch (Exception e)
        {
            Failures.Enqueue(e.Message);
        }
    }
}
