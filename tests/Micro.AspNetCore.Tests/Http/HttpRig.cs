using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Micro.AspNetCore.Http;
using Micro.Internal;
using Micro.Testing.Transport;
using Micro.Transport;
using Micro.Transport.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Micro.AspNetCore.Tests.Http;

/// <summary>A plain web application with the middleware in front of routes of its own, and the client half.</summary>
internal sealed class HttpRig : TransportRig
{
    private readonly WebApplication _app;
    private int _stopped;

    private HttpRig(WebApplication app, Uri address, string? socketPath)
    {
        _app = app;
        Address = address;
        SocketPath = socketPath;
        Client = new HttpClientTransport(new HttpTransportOptions(), RandomSource.Create(), TimeProvider.System);
    }

    public override Uri Address { get; }

    public override IClientTransport Client { get; }

    public string? SocketPath { get; }

    public int Port => Address.Port;

    public static async ValueTask<HttpRig> StartAsync(
        ICallAcceptor acceptor, CancellationToken cancellationToken, string? socketPath = null, HttpServerOptions? options = null, ILoggerProvider? logs = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (logs is not null)
        {
            builder.Logging.AddProvider(logs);
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            if (socketPath is null)
            {
                kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            }
            else
            {
                kestrel.ListenUnixSocket(socketPath, listen => listen.Protocols = HttpProtocols.Http1);
            }
        });
        builder.Services.AddRoutingCore();
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
        var app = builder.Build();
        var middleware = new HttpCallMiddleware(
            () => acceptor, options ?? new HttpServerOptions(), TimeProvider.System, app.Services.GetRequiredService<ILogger<HttpCallMiddleware>>());
        app.Use((HttpContext context, RequestDelegate next) => middleware.InvokeAsync(context, next));
        app.MapPost("/own/Route", () => "mine");
        app.MapGet("/own/Route", () => "mine");
        await app.StartAsync(cancellationToken);
        var bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        var address = socketPath is null ? MicroAddress.Tcp("http", "127.0.0.1", new Uri(bound).Port, insecure: true) : MicroAddress.Unix("http", socketPath, insecure: true);
        return new HttpRig(app, address, socketPath);
    }

    public override Uri? SocketAddress(IPEndPoint endPoint) => MicroAddress.Tcp("http", endPoint.Address.ToString(), endPoint.Port, insecure: true);

    public override async ValueTask<HostileOutcome?> SendHostileAsync(HostileInput input, CancellationToken cancellationToken)
    {
        const string Start = "POST /conformance.Probe/Unary HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
        var bytes = input switch
        {
            HostileInput.LyingLength => Start + "Content-Length: 4294967295\r\n\r\n\"x",
            HostileInput.TruncatedMessage => Start + "Content-Length: 100\r\n\r\n\"x",
            HostileInput.MalformedTimeout => Start + "grpc-timeout: 5 minutes\r\nContent-Length: 2\r\n\r\n\"\"",
            HostileInput.MalformedBinaryHeader => Start + "x-a-bin: ***\r\nContent-Length: 2\r\n\r\n\"\"",
            HostileInput.UnknownEncoding => Start + "Content-Encoding: zip9\r\nContent-Length: 2\r\n\r\n\"\"",
            HostileInput.HugeHeader => Start + $"x-huge: {new string('a', 1024 * 1024)}\r\nContent-Length: 2\r\n\r\n\"\"",
            _ => throw new ArgumentOutOfRangeException(nameof(input)),
        };
        var answer = await SendRawAsync(bytes, endSending: input == HostileInput.TruncatedMessage, cancellationToken);
        if (!answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal))
        {
            return new HostileOutcome(null);
        }

        var body = answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        return new HostileOutcome(ProblemJson.Read(Encoding.UTF8.GetBytes(body), int.Parse(answer[9..12])).Code);
    }

    /// <summary>Sends bytes and returns all that comes until one whole response is there or the server closes.</summary>
    public async Task<string> SendRawAsync(string bytes, bool endSending, CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketPath is null ? AddressFamily.InterNetwork : AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(SocketPath is null ? new IPEndPoint(IPAddress.Loopback, Port) : new UnixDomainSocketEndPoint(SocketPath), cancellationToken);
        var answer = new ArrayBufferWriter<byte>();
        try
        {
            await socket.SendAsync(Encoding.Latin1.GetBytes(bytes), cancellationToken);
            if (endSending)
            {
                socket.Shutdown(SocketShutdown.Send);
            }

            while (!IsWhole(Encoding.UTF8.GetString(answer.WrittenSpan)) && await socket.ReceiveAsync(answer.GetMemory(4096), cancellationToken) is > 0 and var read)
            {
                answer.Advance(read);
            }
        }
        catch (SocketException)
        {
            // The server closed while there was still something to send; what came before counts.
        }

        return Encoding.UTF8.GetString(answer.WrittenSpan);
    }

    public override async ValueTask StopAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) == 0)
        {
            await _app.StopAsync();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
    }

    private static bool IsWhole(string text)
    {
        var head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (head < 0)
        {
            return false;
        }

        const string Name = "\r\nContent-Length: ";
        var at = text.IndexOf(Name, 0, head, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return text.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal);
        }

        var end = text.IndexOf("\r\n", at + 2, StringComparison.Ordinal);
        var length = int.Parse(text[(at + Name.Length)..end]);
        return Encoding.UTF8.GetByteCount(text[(head + 4)..]) >= length;
    }
}
