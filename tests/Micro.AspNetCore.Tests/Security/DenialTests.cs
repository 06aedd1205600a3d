using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Micro.AspNetCore.Hosting;
using Micro.AspNetCore.Tests.Support;
using Micro.Hosting;
using Micro.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Micro.AspNetCore.Tests.Security;

/// <summary>What a caller without a right gets to see, byte for byte, over grpc and http (RBAC-5, RBAC-11).</summary>
public sealed partial class DenialTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Fifteen spellings of one path and one mixture of them.</summary>
    public static TheoryData<string> Aliases =>
    [
        "/secret.Secret/read", "/Secret.Secret/Read", "/secret.Secret/Read/", "/secret.Secret/%52ead", "//secret.Secret/Read", "/./secret.Secret/Read", "/secret.Secret/x/../Read",
        "/secret.Secret/Read?a=b", "secret.Secret/Read", "/secret.Secret/Read;a=b", "/secret.Secret/Read#a", "\\secret.Secret\\Read", "http://localhost/secret.Secret/Read",
        "/secret.Secret%2FRead", "/SECRET.Secret//%2e/READ", "/secret.Secret/Read%00",
    ];

    [Theory]
    [MemberData(nameof(Aliases))]
    public async Task RBAC_5_No_spelling_of_a_denied_path_reaches_the_handler(string path)
    {
        var secret = new Secret();
        await using var server = await StartAsync(secret);
        var grpc = await GrpcAsync(server, path);
        Assert.DoesNotContain("grpc-status\u00010", grpc, StringComparison.Ordinal);
        var http = await HttpAsync(server, "POST", path, "Content-Type: text/plain\r\nContent-Length: 1\r\n", "x");
        Assert.False(http.StartsWith("HTTP/1.1 2", StringComparison.Ordinal), http);
        Assert.Equal(0, secret.Calls);
    }

    [Fact]
    public async Task RBAC_11_Over_grpc_a_denied_method_and_one_that_is_not_there_are_the_same_bytes()
    {
        await using var server = await StartAsync(new Secret());
        (string, string)[][] requests =
        [
            [], [("grpc-timeout", "soon")], [("grpc-timeout", "0S")], [("content-type", "application/grpc+xml")], [("content-type", "application/grpc;charset=latin1")], [("x-data-bin", "%%%")],
            [("grpc-encoding", "zip9")], [("content-type", "application/grpc")], [("grpc-accept-encoding", "identity,gzip")],
        ];
        foreach (var headers in requests)
        {
            var missing = await GrpcAsync(server, "/secret.Secret/Nope", headers);
            Assert.Contains("grpc-status", missing, StringComparison.Ordinal);
            foreach (var method in new[] { "Read", "List", "Upload", "Talk" })
            {
                var known = await GrpcAsync(server, $"/secret.Secret/{method}", headers);
                Assert.Equal(missing, known);
                Assert.DoesNotContain(method, known, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task RBAC_11_Over_http_a_denied_method_and_one_that_is_not_there_are_the_same_bytes()
    {
        await using var server = await StartAsync(new Secret());
        const string Socket = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: micro.v1\r\n";
        (string Verb, string Headers, string Body)[] requests =
        [
            ("POST", "Content-Type: text/plain\r\nContent-Length: 1\r\n", "x"), ("POST", "Content-Type: text/html\r\nContent-Length: 1\r\n", "x"), ("POST", "Content-Length: 0\r\n", ""),
            ("POST", "Content-Type: text/plain\r\nAccept: image/png\r\nContent-Length: 1\r\n", "x"), ("POST", "Content-Type: text/plain\r\ngrpc-timeout: soon\r\nContent-Length: 1\r\n", "x"),
            ("POST", "Content-Type: text/plain\r\ngrpc-timeout: 0S\r\nContent-Length: 1\r\n", "x"), ("POST", "Content-Type: text/plain\r\nx-a-bin: ***\r\nContent-Length: 1\r\n", "x"),
            ("POST", "Content-Type: text/plain\r\nContent-Encoding: zip9\r\nContent-Length: 1\r\n", "x"), ("POST", "Content-Type: text/plain\r\nContent-Length: 99999999\r\n", ""),
            ("GET", "", ""), ("PUT", "Content-Length: 0\r\n", ""), ("DELETE", "", ""), ("OPTIONS", "", ""),
            ("GET", Socket, ""), ("GET", Socket.Replace("micro.v1", "other"), ""), ("GET", Socket.Replace(": 13", ": 8"), ""), ("GET", Socket + "grpc-timeout: soon\r\n", ""),
        ];
        foreach (var (verb, headers, body) in requests)
        {
            var missing = await HttpAsync(server, verb, "/secret.Secret/Nope", headers, body);
            Assert.StartsWith(verb == "OPTIONS" ? "HTTP/1.1 404 " : "HTTP/1.1 403 ", missing, StringComparison.Ordinal);
            foreach (var method in new[] { "Read", "List", "Upload", "Talk" })
            {
                Assert.Equal(missing, await HttpAsync(server, verb, $"/secret.Secret/{method}", headers, body));
            }
        }
    }

    [Fact]
    public async Task RBAC_11_Whoever_may_call_is_told_what_is_wrong_and_what_is_not_there()
    {
        await using var server = await StartAsync(new Secret(), ("0:Id", "all"), ("0:Effect", "allow"), ("0:Scope", ""), ("0:Name", "secret.Secret"));
        Assert.Contains("'Nope'", await GrpcAsync(server, "/secret.Secret/Nope"), StringComparison.Ordinal);
        Assert.Contains("grpc-timeout", await GrpcAsync(server, "/secret.Secret/Read", ("grpc-timeout", "soon")), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 501 ", await HttpAsync(server, "POST", "/secret.Secret/Nope", "Content-Type: text/plain\r\nContent-Length: 1\r\n", "x"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 415 ", await HttpAsync(server, "POST", "/secret.Secret/Read", "Content-Type: text/html\r\nContent-Length: 1\r\n", "x"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 405 ", await HttpAsync(server, "GET", "/secret.Secret/Read", "", ""), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await HttpAsync(server, "POST", "/secret.Secret/Read", "Content-Type: text/plain\r\nContent-Length: 1\r\n", "x"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RBAC_6_Health_is_open_in_one_spelling_and_reflection_is_decided_on()
    {
        await using var server = await StartAsync(new Secret(), ("0:Id", "no"), ("0:Effect", "deny"), ("0:Scope", ""), ("0:Priority", "9"));
        Assert.StartsWith("HTTP/1.1 200 ", await HttpAsync(server, "GET", "/health", "", ""), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 404 ", await HttpAsync(server, "GET", "/%68ealth", "", ""), StringComparison.Ordinal);
        Assert.Contains("grpc-status\u00010", await GrpcAsync(server, "/grpc.health.v1.Health/Check"), StringComparison.Ordinal);
        foreach (var path in new[] { "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "/micro.Reflection/Describe", "/grpc.health.v1.Health/Check2" })
        {
            Assert.Contains("grpc-status\u00017", await GrpcAsync(server, path), StringComparison.Ordinal);
        }
    }

    private static async Task<WebApplication> StartAsync(Secret secret, params (string Key, string Value)[] rules)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Micro:Security:Insecure"] = "true";
        builder.Configuration["Micro:Server:DrainDelay"] = "00:00:00";
        builder.Configuration["Micro:Home"] = Path.GetTempPath();
        foreach (var (key, value) in rules)
        {
            builder.Configuration["Micro:Security:Rules:" + key] = value;
        }

        var registry = new Micro.Discovery.InMemoryServiceRegistry(TimeProvider.System);
        builder.Services.AddSingleton<Micro.Discovery.IServiceRegistry>(registry).AddSingleton<Micro.Discovery.IServiceResolver>(registry);
        Micro.AspNetCore.Grpc.GrpcReflectionBuilderExtensions.AddGrpcReflection(builder.AddMicro("secret").AddServer().AddService<ISecret>(secret));
        var app = builder.Build();
        await app.StartAsync(Token);
        return app;
    }

    private static Uri Address(WebApplication app, string transport) =>
        app.Services.GetRequiredService<IServer>().Features.Get<Microsoft.AspNetCore.Hosting.Server.Features.IServerAddressesFeature>()!.Addresses
            .Select(address => new Uri(address)).ElementAt(transport == "grpc" ? 0 : 1);

    /// <summary>Every byte of the header and data frames of the answer, but for the date.</summary>
    private static async Task<string> GrpcAsync(WebApplication app, string path, params (string Name, string Value)[] headers)
    {
        await using var raw = await RawHttp2.ConnectAsync(Address(app, "grpc"), Token);
        var answer = new StringBuilder();
        await raw.SendHeadersAsync(1, RawHttp2.Request(path, headers), end: false, Token);
        await raw.SendAsync(RawHttp2.Data, 1, 1, RawHttp2.Message([]), Token);
        while (await raw.ReadAsync(Token) is { } frame)
        {
            if (frame.Stream == 1)
            {
                answer.Append($"{frame.Type}/{frame.Flags}:{Encoding.Latin1.GetString(frame.Payload)}\n");
                if (frame.Type == RawHttp2.Reset || (frame.Type is RawHttp2.Data or RawHttp2.Headers && (frame.Flags & 1) != 0))
                {
                    break;
                }
            }
            else if (frame.Type == RawHttp2.GoAway)
            {
                answer.Append("goaway");
                break;
            }
        }

        return Date().Replace(answer.ToString(), "DATE");
    }

    private static async Task<string> HttpAsync(WebApplication app, string verb, string target, string headers, string body)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Address(app, "http").Port, Token);
        await socket.SendAsync(Encoding.Latin1.GetBytes($"{verb} {target} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n{body}"), Token);
        var answer = new StringBuilder();
        var buffer = new byte[8192];
        while (!IsWhole(answer.ToString()) && await socket.ReceiveAsync(buffer, Token) is > 0 and var read)
        {
            answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        return Date().Replace(answer.ToString(), "DATE");
    }

    private static bool IsWhole(string text)
    {
        var head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return head >= 0 && (Length().Match(text) is { Success: true } length ? text.Length - head - 4 >= int.Parse(length.Groups[1].Value) : !text.Contains("chunked", StringComparison.Ordinal) || text.EndsWith("0\r\n\r\n", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT")]
    private static partial Regex Date();

    [GeneratedRegex(@"\r\nContent-Length: (\d+)\r\n")]
    private static partial Regex Length();
}
