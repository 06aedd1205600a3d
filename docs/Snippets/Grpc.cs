using Google.Protobuf.WellKnownTypes;
using Micro.AspNetCore.Grpc;
using Micro.AspNetCore.Hosting;
using Micro.Grpc;
using Micro.Hosting.Health;

namespace Snippets.Grpc;

[MicroService("greeter", Contract = "acme.greeting.v1.Greeter")]
[Allow(Callers.TrustDomain)]
public interface IGreeter
{
    Task<StringValue> HelloAsync(StringValue request, CancellationToken cancellationToken = default);
}

public sealed class Greeter : IGreeter
{
    public Task<StringValue> HelloAsync(StringValue request, CancellationToken cancellationToken) =>
        Task.FromResult(new StringValue { Value = $"Hello {request.Value}" });
}

public static class Adding
{
    public static void Server(WebApplicationBuilder builder)
    {
        builder.AddMicro("greeter").AddServer().AddGrpc().AddService<IGreeter, Greeter>();
    }

    public static void Client(IHostApplicationBuilder builder)
    {
        builder.AddMicro("front").AddGrpc().AddClient<IGreeter>();
    }

    public static void Reflection(IMicroBuilder micro)
    {
        micro.AddGrpcReflection(WrappersReflection.Descriptor);
    }

    public static void Health(IMicroBuilder micro)
    {
        micro.AddTcpCheck("database", "db.internal", 5432)
             .AddHttpCheck("bank", new Uri("https://bank.example/health"), check => check.Critical = false)
             .AddServiceCheck("pricing", "pricing");
    }
}
