using Micro.AspNetCore.Authority;
using Micro.AspNetCore.Grpc;
using Micro.AspNetCore.Http;
using Micro.Security;
using Micro.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Micro.AspNetCore.Hosting;

/// <summary>
/// Puts Micro before everything else in the host's request pipeline, without the host mapping anything: who may not be on the mesh, calls of known methods, health. What it does not know
/// passes on to the host, and an unknown gRPC call that the host does not know either is refused at the end.
/// </summary>
internal sealed class MicroStartupFilter(KestrelServerTransport transport) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        transport.Prepare(app);
        var services = app.ApplicationServices;
        var grpc = new GrpcEndpoints(services, transport);
        var health = services.GetRequiredService<IOptions<MicroServerOptions>>().Value.HealthEndpoints
            ? new HealthEndpoints(services.GetRequiredService<HealthCheckService>())
            : null;
        var keys = services.GetService<ITokenKeySet>() is { } set ? new KeySetEndpoint(set) : null;
        var gate = new MeshGate(services.GetRequiredService<ILogger<MeshGate>>());
        var join = services.GetService<JoinListener>();
        var served = services.GetRequiredService<ICallAcceptor>();
        var unattached = new RefusingAcceptor(served, RefusingAcceptor.NotListening);
        var refusing = new RefusingAcceptor(served, RefusingAcceptor.Plaintext);
        var http = Http(services, () => transport.Acceptor ?? unattached);
        var refused = Http(services, () => refusing);
        app.Use(rest =>
        {
            RequestDelegate calls = context => (transport.IsOpenTo(context) ? http : refused).InvokeAsync(context, rest);
            return context => gate.TryRefuse(context) ?? join?.TryRefuse(context) ?? First(context, grpc, (health, keys), calls, rest);
        });
        next(app);
        app.Use(rest => context => GrpcContentType.IsGrpc(context.Request.ContentType) ? grpc.RefuseUnknownAsync(context) : rest(context));
    };

    private static Task First(
        HttpContext context, GrpcEndpoints grpc, (HealthEndpoints? Health, KeySetEndpoint? Keys) own, RequestDelegate http, RequestDelegate rest) =>
        GrpcContentType.IsGrpc(context.Request.ContentType)
            ? grpc.TryHandle(context) ?? rest(context)
            : own.Health?.TryHandle(context) ?? own.Keys?.TryHandle(context) ?? http(context);

    private static HttpCallMiddleware Http(IServiceProvider services, Func<ICallAcceptor> acceptor) => new(
        acceptor,
        new HttpServerOptions { MaxMessageBytes = services.GetRequiredService<IOptions<MicroServerOptions>>().Value.MaxMessageBytes },
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILogger<HttpCallMiddleware>>());
}
