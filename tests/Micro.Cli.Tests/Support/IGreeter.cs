using Micro.Security;

namespace Micro.Cli.Tests.Support;

/// <summary>One method of each kind, and some that fail or wait.</summary>
[MicroService("greeter", Json = typeof(GreeterJson))]
[Allow(Callers.TrustDomain)]
public interface IGreeter
{
    /// <summary>Greets one person.</summary>
    [Idempotent]
    Task<HelloReply> HelloAsync(HelloRequest request, CancellationToken cancellationToken = default);

    Task<EchoReply> EchoAsync(CallContext context);

    IAsyncEnumerable<Tick> CountAsync(CountRequest request, CancellationToken cancellationToken = default);

    Task<Sum> SumAsync(IAsyncEnumerable<Tick> ticks, CancellationToken cancellationToken = default);

    IAsyncEnumerable<HelloReply> ChatAsync(IAsyncEnumerable<HelloRequest> requests, CancellationToken cancellationToken = default);

    Task FailAsync(FailRequest request, CancellationToken cancellationToken = default);

    Task WaitAsync(CancellationToken cancellationToken = default);
}
