using System.Net;
using System.Net.Sockets;
using System.Text;
using Micro.Transport;

namespace Micro.AspNetCore.Tests.Http;

/// <summary>What a raw peer answers a request with, and whether it closes the socket after.</summary>
internal sealed record RawAnswer(string Text, bool Close = false)
{
    public static RawAnswer Http(int status, string contentType, string body, string more = "") => new(
        $"HTTP/1.1 {status} Some Reason\r\nContent-Type: {contentType}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{more}\r\n{body}");
}

/// <summary>A server of plain sockets that answers as a test says, and counts.</summary>
internal sealed class RawPeer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<string, Task<RawAnswer>> _answer;
    private readonly Task _accepting;
    private int _connections;
    private int _open;
    private int _mostOpen;

    public RawPeer(Func<string, Task<RawAnswer>> answer)
    {
        _answer = answer;
        _listener.Start();
        Address = MicroAddress.Tcp("http", "127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port, insecure: true);
        _accepting = AcceptAsync();
    }

    public RawPeer(RawAnswer answer)
        : this(_ => Task.FromResult(answer))
    {
    }

    public Uri Address { get; }

    public System.Collections.Concurrent.ConcurrentQueue<string> Requests { get; } = new();

    public int Connections => Volatile.Read(ref _connections);

    public int Open => Volatile.Read(ref _open);

    public int MostOpen => Volatile.Read(ref _mostOpen);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                _mostOpen = Math.Max(_mostOpen, Interlocked.Increment(ref _open));
                serving.Add(ServeAsync(socket));
            }
        }
        catch (Exception e) when (_stop.IsCancellationRequested && e is OperationCanceledException or InvalidOperationException or SocketException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        var buffer = new byte[256 * 1024];
        try
        {
            while (await ReadRequestAsync(socket, buffer) is { } request)
            {
                Requests.Enqueue(request);
                var answer = await _answer(request).WaitAsync(_stop.Token);
                await socket.SendAsync(Encoding.UTF8.GetBytes(answer.Text), _stop.Token);
                if (answer.Close)
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // The client left, or the test is over.
        }
        finally
        {
            // Closed first: whoever sees the count may rely on it.
            socket.Dispose();
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task<string?> ReadRequestAsync(Socket socket, byte[] buffer)
    {
        for (var count = 0; ;)
        {
            var text = Encoding.UTF8.GetString(buffer, 0, count);
            var head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (head >= 0)
            {
                var at = text.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase);
                var length = at < 0 ? 0 : int.Parse(text[(at + 16)..text.IndexOf("\r\n", at, StringComparison.Ordinal)]);
                if (count >= head + 4 + length)
                {
                    return text;
                }
            }

            var read = await socket.ReceiveAsync(buffer.AsMemory(count), _stop.Token);
            if (read == 0)
            {
                return null;
            }

            count += read;
        }
    }
}
