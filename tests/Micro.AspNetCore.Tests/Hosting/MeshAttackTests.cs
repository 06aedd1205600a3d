using System.Net.Security;
using System.Text;
using Micro.AspNetCore.Tests.Support;
using Micro.Hosting;
using Micro.Testing.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Micro.AspNetCore.Tests.Hosting;

/// <summary>What a refused peer tries on a connection it has, and what connections leave behind.</summary>
public sealed class MeshAttackTests
{
    private int _reached;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET /health HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /host HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("OPTIONS /vault.Vault/Open HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET https://vault.default/host HTTP/1.1\r\nHost: vault.default\r\n\r\n")]
    [InlineData("POST /vault.Vault/Open HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc-web\r\nContent-Length: 1\r\n\r\nx")]
    [InlineData("POST /vault.Vault/Open HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx")]
    [InlineData("POST /vault.Vault/Open HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n")]
    public async Task ID_1_Requests_in_a_row_over_a_refused_connection_reach_nothing(string request)
    {
        await using var hosts = new MeshHosts();
        var (mesh, vault) = (new TestMesh(), new Vault());
        await ServeAsync(hosts, mesh, vault);
        await using var stream = await RawTls.ConnectAsync(await hosts.AddressAsync("vault", "http"), "vault.default", null, SslApplicationProtocol.Http11, Token);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(request, 5))), Token);
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(Token);
        Assert.DoesNotContain("HTTP/1.1 2", answer, StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 401", answer, StringComparison.Ordinal);
        Assert.Equal((0, 0), (vault.Calls, _reached));
    }

    [Fact]
    public async Task ID_1_Streams_at_once_over_a_refused_connection_reach_nothing()
    {
        await using var hosts = new MeshHosts();
        var (mesh, vault) = (new TestMesh(), new Vault());
        await ServeAsync(hosts, mesh, vault);
        var foreign = new TestCertificateAuthority("micro.local").Issue("teller").Leaf;
        await using var grpc = await RawHttp2.OpenAsync(
            await RawTls.ConnectAsync(await hosts.AddressAsync("vault", "grpc"), "vault.default", foreign, SslApplicationProtocol.Http2, Token), Token);
        var paths = new[] { "/vault.Vault/Open", "/grpc.health.v1.Health/Check", "/micro.Reflection/List", "/vault.Vault/None", "/host" };
        for (var i = 0; i < 20; i++)
        {
            await grpc.SendHeadersAsync(1 + (2 * i), RawHttp2.SecureRequest(paths[i % paths.Length]), end: false, Token);
        }

        while (await grpc.ReadAsync(Token) is not null)
        {
            // Until the server closes.
        }

        Assert.Equal((0, 0), (vault.Calls, _reached));
        Assert.Contains(hosts.Log.Lines, line => line.Contains("was refused", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_name_in_a_handshake_forges_no_line_of_the_log()
    {
        await using var hosts = new MeshHosts();
        await ServeAsync(hosts, new TestMesh(), new Vault());
        var address = await hosts.AddressAsync("vault", "http");
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(address.Host, address.Port, Token);
        await socket.GetStream().WriteAsync(Hello("a\nforged"), Token);
        Assert.Equal(0, await ReadToEndAsync(socket.GetStream()));
        Assert.DoesNotContain(hosts.Log.Lines, line => line.Contains("a\nforged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task LIF_5_Connections_that_closed_leave_no_timer()
    {
        await using var hosts = new MeshHosts();
        var clock = new CountingClock();
        var (mesh, vault) = (new TestMesh(), new Vault());
        await hosts.ServeAsync("vault", mesh, micro => micro.AddService<IVault>(vault), clock);
        var address = await hosts.AddressAsync("vault", "http");
        var teller = mesh.Authority.Issue("teller").Leaf;
        var before = clock.Active;
        var peak = before;
        for (var i = 0; i < 40; i++)
        {
            await using var stream = await RawTls.ConnectAsync(address, "vault.default", i % 2 == 0 ? teller : null, SslApplicationProtocol.Http11, Token);
            await RawTls.AskAsync(stream, "/vault.Vault/Open", "Content-Type: text/plain\r\nConnection: close\r\n", "x", Token);
            peak = Math.Max(peak, clock.Active);
        }

        Assert.Equal(20, vault.Calls);
        Assert.True(clock.Created >= 40, $"{clock.Created} timers were made, so this counts nothing.");
        await Wait.UntilAsync(() => Task.FromResult(clock.Active <= before + 1), $"the timers went ({clock.Active}, {before} before, {peak} at most)");
    }

    /// <summary>A ClientHello that asks for a name no client library would send (RFC 8446, section 4.1.2; RFC 6066, section 3).</summary>
    private static byte[] Hello(string name)
    {
        byte[] host = [0, .. Sized(Encoding.ASCII.GetBytes(name))];
        byte[] extensions = [0, 0, .. Sized(Sized(host)), 0, 43, 0, 3, 2, 3, 4, 0, 10, 0, 4, 0, 2, 0, 23, 0, 13, 0, 4, 0, 2, 4, 3];
        byte[] body = [3, 3, .. new byte[32], 0, 0, 2, 0x13, 1, 1, 0, .. Sized(extensions)];
        return [22, 3, 1, .. Sized([1, 0, .. Sized(body)])];
    }

    private static byte[] Sized(byte[] content) => [(byte)(content.Length >> 8), (byte)content.Length, .. content];

    /// <summary>Until the server closes; how many bytes of application data came, which is none.</summary>
    private static async Task<int> ReadToEndAsync(Stream stream)
    {
        var buffer = new byte[4096];
        var data = 0;
        try
        {
            while (await stream.ReadAsync(buffer, Token) is > 0 and var count)
            {
                data += buffer[0] == 23 ? count : 0;
            }
        }
        catch (IOException)
        {
            // Closed without a word.
        }

        return data;
    }

    private Task ServeAsync(MeshHosts hosts, TestMesh mesh, Vault vault) => hosts.ServeAsync(
        "vault", mesh, micro => micro.AddService<IVault>(vault), configure: builder => builder.Services.Insert(0, new(typeof(Microsoft.AspNetCore.Hosting.IStartupFilter), new Host(this))));

    /// <summary>What the host itself serves, behind Micro.</summary>
    private sealed class Host(MeshAttackTests test) : Microsoft.AspNetCore.Hosting.IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            next(app);
            app.Run(context =>
            {
                Interlocked.Increment(ref test._reached);
                return context.Response.WriteAsync("host", Token);
            });
        };
    }

    private sealed class CountingClock : TimeProvider
    {
        private int _active;
        private int _created;

        public int Active => Volatile.Read(ref _active);

        public int Created => Volatile.Read(ref _created);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Increment(ref _active);
            Interlocked.Increment(ref _created);
            return new Counted(this, base.CreateTimer(callback, state, dueTime, period));
        }

        private sealed class Counted(CountingClock clock, ITimer inner) : ITimer
        {
            private int _gone;

            public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(dueTime, period);

            public void Dispose()
            {
                Gone();
                inner.Dispose();
            }

            public ValueTask DisposeAsync()
            {
                Gone();
                return inner.DisposeAsync();
            }

            private void Gone()
            {
                if (Interlocked.Exchange(ref _gone, 1) == 0)
                {
                    Interlocked.Decrement(ref clock._active);
                }
            }
        }
    }
}
