using System.Net;
using Micro.AspNetCore.Hosting;
using Micro.Grpc;
using Micro.Hosting;
using Micro.Sqlite;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Micro.Peers;

/// <summary>One echo server of each kind, on a loopback port.</summary>
internal static class EchoServers
{
    public static WebApplication Build(string kind, int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        switch (kind)
        {
            case "raw-grpc":
                builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
                builder.Services.AddGrpc();
                var grpc = builder.Build();
                grpc.MapGrpcService<RawEcho>();
                return grpc;
            case "raw-http":
                builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1));
                builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, EchoJson.Default));
                var http = builder.Build();
                http.MapPost("/say", (EchoRecord message) => new EchoRecord(message.Text, message.Number, message.Payload));
                return http;
            case "micro-grpc" or "micro-http":
                builder.Configuration["Micro:Listen"] = $"{kind[6..]}+insecure://127.0.0.1:{port}";
                builder.AddMicro("echo").AddServer().AddGrpc().AddSqlite()
                    .AddService<IEcho>(new EchoHandler())
                    .AddService<IJsonEcho>(new EchoHandler());
                return builder.Build();
            default:
                throw new ArgumentException($"There is no server of kind '{kind}'.");
        }
    }
}
