using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Micro.AspNetCore.Tests.Support;
using Micro.Hosting;

namespace Micro.AspNetCore.Tests.Hosting;

/// <summary>Sockets of the mesh's port that do not talk TLS, or not to the end (ID-3, ID-4).</summary>
public sealed class MeshSocketTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST /vault.Vault/Open HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\nx")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0")]
    [InlineData("\u0016\u0003\u0001\u0000\u0005hello")]
    public async Task ID_4_A_client_in_plaintext_is_cut_off(string bytes)
    {
        await using var hosts = new MeshHosts();
        var vault = new Vault();
        await hosts.ServeAsync("vault", new TestMesh(), micro => micro.AddService<IVault>(vault));
        await using var stream = await ConnectAsync(await hosts.AddressAsync("vault", "http"));
        await stream.WriteAsync(Encoding.Latin1.GetBytes(bytes), Token);
        var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer, Token);
        }
        catch (IOException)
        {
            // Reset is cut off, too.
        }

        Assert.DoesNotContain("HTTP/1.1 2", Encoding.Latin1.GetString(answer.ToArray()), StringComparison.Ordinal);
        Assert.Equal(0, vault.Calls);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(60)]
    public async Task ID_4_A_handshake_that_stalls_is_cut_off(int sent)
    {
        await using var hosts = new MeshHosts();
        await hosts.ServeAsync("vault", new TestMesh(), micro => micro.AddService<IVault>(new Vault()), handshake: TimeSpan.FromSeconds(1));
        await using var stream = await ConnectAsync(await hosts.AddressAsync("vault", "http"));

        // The beginning of a ClientHello that says it has 512 bytes.
        await stream.WriteAsync(((byte[])[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, .. new byte[60]])[..sent], Token);
        Assert.Equal(0, await MeshCallerTests.ReadAsync(stream));
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("http")]
    public async Task ID_4_Half_open_handshakes_do_not_stop_those_who_finish_theirs(string transport)
    {
        await using var hosts = new MeshHosts();
        var mesh = new TestMesh();
        var vault = new Vault();
        await hosts.ServeAsync("vault", mesh, micro => micro.AddService<IVault>(vault));
        var address = await hosts.AddressAsync("vault", transport);
        var open = new List<NetworkStream>();
        try
        {
            for (var i = 0; i < 500; i++)
            {
                var stream = await ConnectAsync(address);
                open.Add(stream);
                await stream.WriteAsync(new byte[] { 0x16, 3, 1, 2, 0, 1, 0, 1 }.AsMemory(0, i % 9), Token);
            }

            var client = await hosts.ClientAsync("teller", mesh, transport);
            for (var i = 0; i < 10; i++)
            {
                Assert.Equal("x", await client.OpenAsync("x", Token));
            }

            Assert.Equal(10, vault.Calls);
        }
        finally
        {
            open.ForEach(stream => stream.Dispose());
        }
    }

    private static async Task<NetworkStream> ConnectAsync(Uri address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address.Host, address.Port, Token);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
