using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Micro.Security;

namespace Micro.Tests.Support;

public sealed record ProbeRequest(string Text, int Number = 0)
{
    [RouteKey]
    public string? Key { get; init; }
}

public sealed record ProbeItem(string Text, int Number);

public sealed record ProbeReply(string Text, int Number, string? Instance = null);

[JsonSerializable(typeof(ProbeRequest))]
[JsonSerializable(typeof(ProbeItem))]
[JsonSerializable(typeof(ProbeReply))]
public sealed partial class ProbeJson : JsonSerializerContext;

/// <summary>A contract with every kind of call, for tests.</summary>
[MicroService("probe", Json = typeof(ProbeJson))]
[Allow(Callers.TrustDomain)]
public interface IProbe
{
    /// <summary>Answers with the request.</summary>
    Task<ProbeReply> EchoAsync(ProbeRequest request, CancellationToken cancellationToken = default);

    /// <summary>As Echo, and may be executed more than once.</summary>
    [Idempotent]
    Task<ProbeReply> RepeatAsync(ProbeRequest request, CallContext context);

    Task<ProbeReply> WithContextAsync(ProbeRequest request, CallContext context);

    IAsyncEnumerable<ProbeReply> CountAsync(ProbeRequest request, CancellationToken cancellationToken = default);

    Task<ProbeReply> SumAsync(IAsyncEnumerable<ProbeItem> requests, CancellationToken cancellationToken = default);

    IAsyncEnumerable<ProbeReply> TalkAsync(IAsyncEnumerable<ProbeItem> requests, CancellationToken cancellationToken = default);

    Task PingAsync(CancellationToken cancellationToken = default);
}

/// <summary>What the handler does can be replaced for each test.</summary>
public sealed class Probe : IProbe
{
    public string Name { get; init; } = "one";

    public int Calls;

    public Func<ProbeRequest, CallContext, Task<ProbeReply>>? OnCall { get; set; }

    public Func<ProbeRequest, CancellationToken, IAsyncEnumerable<ProbeReply>>? OnCount { get; set; }

    public Func<IAsyncEnumerable<ProbeItem>, CancellationToken, IAsyncEnumerable<ProbeReply>>? OnTalk { get; set; }

    public Task<ProbeReply> EchoAsync(ProbeRequest request, CancellationToken cancellationToken = default) => Call(request, CallContext.Current!);

    public Task<ProbeReply> RepeatAsync(ProbeRequest request, CallContext context) => Call(request, context);

    public Task<ProbeReply> WithContextAsync(ProbeRequest request, CallContext context) => Call(request, context);

    public IAsyncEnumerable<ProbeReply> CountAsync(ProbeRequest request, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref Calls);
        return OnCount?.Invoke(request, cancellationToken) ?? Count(request, cancellationToken);
    }

    public async Task<ProbeReply> SumAsync(IAsyncEnumerable<ProbeItem> requests, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref Calls);
        var sum = 0;
        await foreach (var request in requests.WithCancellation(cancellationToken))
        {
            sum += request.Number;
        }

        return new ProbeReply("sum", sum, Name);
    }

    public IAsyncEnumerable<ProbeReply> TalkAsync(IAsyncEnumerable<ProbeItem> requests, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref Calls);
        return OnTalk?.Invoke(requests, cancellationToken) ?? Talk(requests, cancellationToken);
    }

    public Task PingAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    private Task<ProbeReply> Call(ProbeRequest request, CallContext context)
    {
        Interlocked.Increment(ref Calls);
        return OnCall?.Invoke(request, context) ?? Task.FromResult(new ProbeReply(request.Text, request.Number, Name));
    }

    private async IAsyncEnumerable<ProbeReply> Count(ProbeRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var i = 0; i < request.Number; i++)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ProbeReply(request.Text, i, Name);
        }
    }

    private async IAsyncEnumerable<ProbeReply> Talk(IAsyncEnumerable<ProbeItem> requests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var request in requests.WithCancellation(cancellationToken))
        {
            yield return new ProbeReply(request.Text, request.Number, Name);
        }
    }
}
