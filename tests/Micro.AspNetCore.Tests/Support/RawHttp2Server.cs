using System.Net;
using System.Net.Sockets;

namespace Micro.AspNetCore.Tests.Support;

/// <summary>A server by hand: for each request, what the test wants to be answered.</summary>
internal sealed class RawHttp2Server : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<RawHttp2, int, CancellationToken, Task> _answer;
    private readonly bool _atHeaders;
    private readonly List<Task> _serving = [];
    private readonly Task _accepting;
    private int _requests;

    /// <param name="answer">Gets the connection and the number of the stream; called when a request has ended.</param>
    /// <param name="atHeaders">Calls it when a request has begun instead.</param>
    public RawHttp2Server(Func<RawHttp2, int, CancellationToken, Task> answer, bool atHeaders = false)
    {
        _answer = answer;
        _atHeaders = atHeaders;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"grpc+insecure://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Requests that were answered.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>No more sockets are taken; those there are live on.</summary>
    public void StopAccepting() => _listener.Stop();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_serving);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _serving.Add(ServeAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // The test is over, or stopped it.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using var connection = await RawHttp2.AcceptAsync(socket, _stop.Token);
            while (await connection.ReadAsync(_stop.Token) is { } frame)
            {
                if (_atHeaders ? frame.Type == RawHttp2.Headers : frame.Type is RawHttp2.Data or RawHttp2.Headers && (frame.Flags & 1) != 0)
                {
                    Interlocked.Increment(ref _requests);
                    await _answer(connection, frame.Stream, _stop.Token);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // The client closed, or the test is over.
        }
    }
}
