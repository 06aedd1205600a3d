using Grpc.Net.Client;
using Micro.AspNetCore.Grpc;
using Micro.AspNetCore.Hosting;
using Micro.Grpc;
using Micro.Hosting;
using Micro.Interop.Tests.Protos;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Micro.Interop.Tests.Support;

/// <summary>A process that serves a class of Grpc.Tools, and calls itself through discovery.</summary>
internal sealed class HostedServer : IAsyncDisposable
{
    private HostedServer(WebApplication app, int grpc, int http)
    {
        App = app;
        Channel = GrpcChannel.ForAddress($"http://127.0.0.1:{grpc}");
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{http}") };
    }

    public WebApplication App { get; }

    /// <summary>A plain one.</summary>
    public GrpcChannel Channel { get; }

    public TestService.TestServiceClient Client => new(Channel);

    public HttpClient Http { get; }

    public HostedProbe Probe => App.Services.GetRequiredService<HostedProbe>();

    public static Task<HostedServer> StartAsync(Action<IMicroBuilder>? configure = null) => StartAsync<HostedHandler>(configure);

    public static async Task<HostedServer> StartAsync<THandler>(Action<IMicroBuilder>? configure = null)
        where THandler : class
    {
        var (builder, grpc, http) = Create();
        var micro = builder.AddMicro("interop").AddServer().AddGrpc().AddGrpcReflection().AddClient<ITestService>().AddGrpcService<THandler>();
        configure?.Invoke(micro);
        var app = builder.Build();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new HostedServer(app, grpc, http);
    }

    /// <summary>How a process that is put together like this fails to start.</summary>
    public static async Task<Exception?> FailAsync(Action<IMicroBuilder> configure)
    {
        var (builder, _, _) = Create();
        return await Record.ExceptionAsync(async () =>
        {
            configure(builder.AddMicro("interop").AddServer());
            await using var app = builder.Build();
            await app.StartAsync(TestContext.Current.CancellationToken);
        });
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Channel.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
    }

    private static (WebApplicationBuilder Builder, int Grpc, int Http) Create()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var (grpc, http) = (FreePort.Next(), FreePort.Next());
        builder.Configuration["Micro:Security:Insecure"] = "true";
        builder.Configuration["Micro:Discovery:Provider"] = "memory";
        builder.Configuration["Micro:Server:DrainDelay"] = "00:00:00";
        builder.Configuration["Micro:Listen"] = $"grpc+insecure://127.0.0.1:{grpc};http+insecure://127.0.0.1:{http}";
        builder.Services.AddSingleton<HostedProbe>();
        return (builder, grpc, http);
    }
}
