using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1;
using Micro.Interop.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Micro.Interop.Tests;

/// <summary>The services every gRPC tool knows, asked by plain clients.</summary>
public sealed class HealthAndReflectionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LIF_7_The_grpc_health_service_follows_the_checks_tagged_ready()
    {
        var healthy = true;
        await using var server = await MicroServer.StartAsync(builder => builder.Services.AddHealthChecks()
            .AddCheck("database", () => healthy ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("password=secret"), ["ready"])
            .AddCheck("other", () => HealthCheckResult.Unhealthy(), ["live"]));
        using var channel = server.Channel();
        var client = new Health.HealthClient(channel);

        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, await StatusAsync(""));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, await StatusAsync("micro.interop.TestService"));
        var unknown = await Assert.ThrowsAsync<RpcException>(() => StatusAsync("nobody"));
        Assert.Equal(StatusCode.NotFound, unknown.StatusCode);

        using var watch = client.Watch(new HealthCheckRequest(), cancellationToken: Token);
        Assert.True(await watch.ResponseStream.MoveNext(Token));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, watch.ResponseStream.Current.Status);

        healthy = false;
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, await StatusAsync(""));
        Assert.True(await watch.ResponseStream.MoveNext(Token));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, watch.ResponseStream.Current.Status);

        async Task<HealthCheckResponse.Types.ServingStatus> StatusAsync(string service) =>
            (await client.CheckAsync(new HealthCheckRequest { Service = service }, cancellationToken: Token)).Status;
    }

    [Fact]
    public async Task LIF_7_A_watcher_of_health_does_not_hold_the_shutdown()
    {
        var server = await MicroServer.StartAsync();
        using var channel = server.Channel();
        using var watch = new Health.HealthClient(channel).Watch(new HealthCheckRequest(), cancellationToken: Token);
        Assert.True(await watch.ResponseStream.MoveNext(Token));
        await server.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), Token);
    }

    [Fact]
    public async Task V14_Reflection_lists_and_describes_the_services_of_the_proto_files()
    {
        await using var server = await MicroServer.StartAsync();
        using var channel = server.Channel();
        using var call = new ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo(cancellationToken: Token);
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" }, Token);
        Assert.True(await call.ResponseStream.MoveNext(Token));
        var names = call.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name);
        Assert.Contains("micro.interop.TestService", names);
        Assert.Contains("grpc.health.v1.Health", names);

        await call.RequestStream.WriteAsync(new ServerReflectionRequest { FileContainingSymbol = "micro.interop.TestService" }, Token);
        Assert.True(await call.ResponseStream.MoveNext(Token));
        Assert.NotEmpty(call.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto);
        await call.RequestStream.CompleteAsync();
    }
}
