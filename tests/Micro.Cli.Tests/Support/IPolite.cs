using Micro.Security;

namespace Micro.Cli.Tests.Support;

/// <summary>A second contract of the same service, with a method of the same name.</summary>
[MicroService("greeter", Json = typeof(GreeterJson))]
[Allow(Callers.TrustDomain)]
public interface IPolite
{
    Task<HelloReply> HelloAsync(HelloRequest request, CancellationToken cancellationToken = default);

    Task<HelloReply> BowAsync(HelloRequest request, CancellationToken cancellationToken = default);
}
