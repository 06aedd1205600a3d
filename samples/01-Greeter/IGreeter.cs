namespace Samples.Greeting;

/// <summary>The contract: who serves it implements it, who calls it has it injected.</summary>
[MicroService("greeter", Json = typeof(GreeterJson))]
[Allow(Callers.TrustDomain)]
public interface IGreeter
{
    /// <summary>Greets someone: one request, one response.</summary>
    [Idempotent]
    Task<HelloReply> HelloAsync(HelloRequest request, CancellationToken cancellationToken = default);

    /// <summary>Counts down: one request, a stream of responses.</summary>
    IAsyncEnumerable<Tick> CountdownAsync(CountdownRequest request, CancellationToken cancellationToken = default);

    /// <summary>Counts the people who come in: a stream of requests, one response.</summary>
    Task<GuestList> WelcomeAsync(IAsyncEnumerable<Guest> guests, CancellationToken cancellationToken = default);

    /// <summary>Answers each line: a stream each way.</summary>
    IAsyncEnumerable<Line> TalkAsync(IAsyncEnumerable<Line> lines, CancellationToken cancellationToken = default);
}
