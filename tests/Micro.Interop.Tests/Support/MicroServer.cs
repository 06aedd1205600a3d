using Grpc.Net.Client;
using Micro.AspNetCore.Grpc;
using Micro.AspNetCore.Hosting;
using Micro.Grpc;
using Micro.Hosting;
using Micro.Interop.Tests.Protos;
using Micro.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Micro.Interop.Tests.Support;

/// <summary>A Micro service with both pipelines and all of hosting, made only with public verbs.</summary>
internal sealed class MicroServer : IAsyncDisposable
{
    private MicroServer(WebApplication app, TestHandler handler, Uri grpc)
    {
        App = app;
        Handler = handler;
        Address = grpc;
    }

    public WebApplication App { get; }

    public TestHandler Handler { get; }

    public Uri Address { get; }

    public static async Task<MicroServer> StartAsync(Action<WebApplicationBuilder>? configure = null, Action<MicroServerOptions>? options = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Micro:Security:Insecure"] = "true";
        builder.Configuration["Micro:Server:DrainDelay"] = "00:00:00";
        var port = FreePort.Next();
        builder.Configuration["Micro:Listen"] = $"grpc+insecure://127.0.0.1:{port};http+insecure://127.0.0.1:0";
        var handler = new TestHandler();
        builder.AddMicro("interop").AddServer(options).AddGrpc().AddGrpcReflection(InteropReflection.Descriptor).AddService<ITestService>(handler);
        configure?.Invoke(builder);
        var app = builder.Build();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new MicroServer(app, handler, MicroAddress.Tcp("grpc", "127.0.0.1", port, insecure: true));
    }

    /// <summary>A plain channel to it.</summary>
    public GrpcChannel Channel(HttpMessageHandler? handler = null) =>
        GrpcChannel.ForAddress($"http://127.0.0.1:{Address.Port}", new GrpcChannelOptions { HttpHandler = handler });

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
    }
}
