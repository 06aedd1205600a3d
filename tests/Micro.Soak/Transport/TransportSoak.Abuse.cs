using System.Net.Sockets;
using System.Text;
using Micro.AspNetCore.Tests.Support;
using Micro.Rpc;
using Micro.Transport;

namespace Micro.Soak.Transport;

/// <summary>Slow peers, and messages that are too large or break off.</summary>
internal sealed partial class TransportSoak
{
    /// <summary>Of the servers: low, so that what is refused does not fill pools that keep what they were once given.</summary>
    public const int MessageLimit = 64 * 1024;

    private const int Filling = 16 * 1024;
    private const int TooLarge = 80 * 1024;

    /// <summary>Most bytes on their way when one side does not read: windows of HTTP/2, pipes, what is kept for a retry. More is memory of ours.</summary>
    private const long MostAhead = 4 * 1024 * 1024;

    /// <summary>The same over plain TCP, where the windows are the kernel's: as much as it gives to one socket's two ends.</summary>
    private static readonly long MostAheadOfTcp = MostAhead + LargestBuffer("tcp_rmem") + LargestBuffer("tcp_wmem");

    private async Task ReadSlowlyAsync(TransportTarget target, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var id = Interlocked.Increment(ref _lastId);
            using var scope = CallOptions.Use(new CallOptions { Address = target.Address, MaxAttempts = 1 });
            try
            {
                await ReadSomeAsync(target, id, stop);
            }
            catch (CallException e)
            {
                _checks.Violate("outcome", $"{target.Name}: a stream that is read slowly ended with {e.Message}");
            }

            _checks.Count("attempted");
            _checks.Count("slow_readers");
        }
    }

    private async Task ReadSomeAsync(TransportTarget target, long id, CancellationToken stop)
    {
        var taken = 0;
        await foreach (var reply in _soak.PourAsync(new SoakRequest(id, Count: 100_000, Size: Filling), CancellationToken.None))
        {
            await WaitAsync(300, stop);
            NoteAhead("server", target, (_steady.Ledger.Read(id)?.Messages ?? 0) - ++taken);
            if (taken == 5)
            {
                return;
            }
        }
    }

    private async Task WriteFastAsync(TransportTarget target, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var id = Interlocked.Increment(ref _lastId);
            using var cancel = new CancellationTokenSource();
            using var scope = CallOptions.Use(new CallOptions { Address = target.Address, MaxAttempts = 1, Timeout = TimeSpan.FromMinutes(1) });
            var sent = new StrongBox();
            var call = _soak.GatherAsync(RequestsAsync(id, sent), cancel.Token);
            await WaitAsync(1500, stop);
            NoteAhead("client", target, Volatile.Read(ref sent.Count) - (_steady.Ledger.Read(id)?.Messages ?? 0));
            await cancel.CancelAsync();
            try
            {
                await call;
                _checks.Violate("ended", $"{id}: a stream of requests ended by itself");
            }
            catch (OperationCanceledException)
            {
                _checks.Count("attempted");
                _checks.Count("slow_handlers");
            }
            catch (CallException e)
            {
                _checks.Violate("outcome", $"{target.Name}: a stream that is written fast ended with {e.Message}");
            }
        }
    }

    private static async IAsyncEnumerable<SoakRequest> RequestsAsync(long id, StrongBox sent)
    {
        var filling = new string('x', Filling);
        while (true)
        {
            await Task.Yield();
            yield return new SoakRequest(id, 5, Filling: filling);
            Interlocked.Increment(ref sent.Count);
        }
    }

    private void NoteAhead(string writer, TransportTarget target, long messages)
    {
        var bytes = messages * Filling;
        _checks.Measure($"{writer}_ahead_kib_{target.Address.Scheme}", bytes / 1024.0);
        if (bytes > (target.Address.Scheme == "http+insecure" ? MostAheadOfTcp : MostAhead))
        {
            _checks.Violate("TRN-3", $"the {writer} of {target.Name} is {bytes} bytes ahead of who reads");
        }
    }

    /// <summary>One by one: too large a request, too large an answer, and a request that breaks off.</summary>
    private async Task BreakAsync(CancellationToken stop)
    {
        var filling = new string('x', TooLarge);
        while (!stop.IsCancellationRequested)
        {
            foreach (var target in _steady.Targets)
            {
                await RefusedAsync(target, new SoakRequest(Interlocked.Increment(ref _lastId), Filling: filling));
                await RefusedAsync(target, new SoakRequest(Interlocked.Increment(ref _lastId), Size: TooLarge));
                await BreakOffAsync(target);
                await WaitAsync(50, stop);
            }
        }
    }

    private async Task RefusedAsync(TransportTarget target, SoakRequest request)
    {
        _checks.Count("attempted");
        _checks.Count("oversize");
        using var scope = CallOptions.Use(new CallOptions { Address = target.Address, MaxAttempts = 1 });
        try
        {
            await _soak.HoldAsync(request, CancellationToken.None);
            _checks.Violate("TRN-2", $"{target.Name}: 80 KiB {(request.Size > 0 ? "of answer" : "of request")} were taken");
        }
        catch (CallException e) when (e.Code == CallStatusCode.ResourceExhausted)
        {
            // As it should be.
        }
        catch (Exception e)
        {
            _checks.Violate("TRN-2", $"{target.Name}: 80 KiB {(request.Size > 0 ? "of answer" : "of request")} ended with {e.Message}");
        }
    }

    private async Task BreakOffAsync(TransportTarget target)
    {
        _checks.Count("attempted");
        _checks.Count("truncated");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            if (target.Address.Scheme.StartsWith("grpc", StringComparison.Ordinal))
            {
                await using var raw = await RawHttp2.ConnectAsync(target.Address, limit.Token);
                await raw.SendHeadersAsync(1, RawHttp2.Request("/soak.Soak/Hold"), end: false, limit.Token);
                await raw.SendAsync(RawHttp2.Data, 1, 1, RawHttp2.Message("{\"id\":1}"u8.ToArray(), 1000), limit.Token);
                var (code, _) = await raw.OutcomeAsync(1, limit.Token);
                if (code is null or CallStatusCode.Ok)
                {
                    _checks.Violate("TRN-2", $"{target.Name}: a message that breaks off ended with {code}");
                }
            }
            else
            {
                using var socket = MicroAddress.IsUnixSocket(target.Address)
                    ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
                    : new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(
                    MicroAddress.IsUnixSocket(target.Address)
                        ? new UnixDomainSocketEndPoint(target.Address.AbsolutePath)
                        : new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, target.Address.Port),
                    limit.Token);
                var request = "POST /soak.Soak/Hold HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"id\":1";
                await socket.SendAsync(Encoding.ASCII.GetBytes(request), limit.Token);
                socket.Shutdown(SocketShutdown.Send);
                var answer = new byte[1024];
                while (await socket.ReceiveAsync(answer, limit.Token) is var read and > 0)
                {
                    if (Encoding.ASCII.GetString(answer, 0, read).StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
                    {
                        _checks.Violate("TRN-2", $"{target.Name}: a request that breaks off was answered");
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            _checks.Violate("TRN-2", $"{target.Name}: a message that breaks off hangs");
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The server closed the socket.
        }
    }

    private static long LargestBuffer(string name) =>
        long.Parse(File.ReadAllText($"/proc/sys/net/ipv4/{name}").Split('\t')[2], System.Globalization.CultureInfo.InvariantCulture);

    private static Task WaitAsync(int milliseconds, CancellationToken stop) =>
        Task.Delay(milliseconds, stop).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    private sealed class StrongBox
    {
        public long Count;
    }
}
