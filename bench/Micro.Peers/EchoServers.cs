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
    public static WebApplication Build(string kind, int port, bool mtls)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (mtls && kind.StartsWith("raw", StringComparison.Ordinal))
        {
            PeerCertificates.Create();
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        switch (kind)
        {
            case "raw-grpc":
                builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => Open(listen, HttpProtocols.Http2, mtls)));
                builder.Services.AddGrpc();
                var grpc = builder.Build();
                grpc.MapGrpcService<RawEcho>();
                return grpc;
            case "raw-http":
                builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => Open(listen, HttpProtocols.Http1, mtls)));
                builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, EchoJson.Default));
                var http = builder.Build();
                http.MapPost("/say", (EchoRecord message) => new EchoRecord(message.Text, message.Number, message.Payload));
                return http;
            case "micro-grpc" or "micro-http":
                builder.Configuration["Micro:Listen"] = $"{kind[6..]}{(mtls ? "" : "+insecure")}://127.0.0.1:{port}";
                builder.AddMicro("echo").AddServer().AddGrpc().AddSqlite()
                    .AddService<IEcho>(new EchoHandler())
                    .AddService<IJsonEcho>(new EchoHandler());
                return builder.Build();
            default:
                throw new ArgumentException($"There is no server of kind '{kind}'.");
        }
    }

    private static void Open(ListenOptions listen, HttpProtocols protocols, bool mtls)
    {
        listen.Protocols = protocols;
        if (mtls)
        {
            PeerCertificates.UseServer(listen);
        }
    }
}
