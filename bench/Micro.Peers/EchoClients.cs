using System.Net.Http.Json;
using Google.Protobuf;
using Grpc.Net.Client;
using Micro.Grpc;
using Micro.Hosting;
using Micro.Peers.Wire;
using Micro.Sqlite;

namespace Micro.Peers;

/// <summary>One way to call the echo of each kind.</summary>
internal sealed class EchoClients(Func<Task> call, IAsyncDisposable? owner) : IAsyncDisposable
{
    public Task CallAsync() => call();

    public static async Task<EchoClients> ConnectAsync(string kind, int port, int payload, bool mtls)
    {
        var bytes = new byte[payload];
        Array.Fill(bytes, (byte)'x');
        var text = "the quick brown fox";
        var message = new EchoMessage { Text = text, Number = 1234567890123, Payload = ByteString.CopyFrom(bytes) };
        var record = new EchoRecord(text, 1234567890123, bytes);
        switch (kind)
        {
            case "raw-grpc":
                var channel = GrpcChannel.ForAddress(AddressOf(port, mtls), new GrpcChannelOptions { HttpHandler = HandlerOf(mtls) });
                var raw = new Echo.EchoClient(channel);
                return new(async () => Check(await raw.SayAsync(message)), null);
            case "raw-http":
                var http = new HttpClient(HandlerOf(mtls)) { BaseAddress = new Uri(AddressOf(port, mtls)) };
                return new(
                    async () =>
                    {
                        using var response = await http.PostAsJsonAsync("/say", record, EchoJson.Default.EchoRecord);
                        Check((await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(EchoJson.Default.EchoRecord))!);
                    },
                    null);
            default:
                var host = await StartMicroAsync(kind);
                if (kind == "micro-http")
                {
                    var json = host.Services.GetRequiredService<IJsonEcho>();
                    return new(async () => Check(await json.SayAsync(record)), new HostOwner(host));
                }

                var echo = host.Services.GetRequiredService<IEcho>();
                return new(async () => Check(await echo.SayAsync(message)), new HostOwner(host));
        }

        void Check(object reply)
        {
            var length = reply is EchoMessage wire ? wire.Payload.Length : ((EchoRecord)reply).Payload.Length;
            if (length != payload)
            {
                throw new InvalidOperationException($"The echo has {length} bytes instead of {payload}.");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (owner is not null)
        {
            await owner.DisposeAsync();
        }
    }

    private static string AddressOf(int port, bool mtls) => mtls ? $"https://localhost:{port}" : $"http://127.0.0.1:{port}";

    private static SocketsHttpHandler HandlerOf(bool mtls)
    {
        var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true };
        if (mtls)
        {
            handler.SslOptions = PeerCertificates.Client();
        }

        return handler;
    }

    private static async Task<IHost> StartMicroAsync(string kind)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();

        // Over TLS one port serves both, and who can call over grpc does.
        var micro = kind == "micro-http" ? builder.AddMicro("peers").AddClient<IJsonEcho>() : builder.AddMicro("peers").AddGrpc().AddClient<IEcho>();
        if (kind == "micro-inproc")
        {
            micro.AddInProcess().AddService<IEcho>(new EchoHandler());
        }
        else
        {
            micro.AddSqlite();
        }

        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private sealed class HostOwner(IHost host) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await host.StopAsync();
            host.Dispose();
        }
    }
}
