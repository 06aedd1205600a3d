using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Micro.Security;

namespace Micro.AspNetCore.Tests.Hosting;

/// <summary>A contract that one service may call.</summary>
[MicroService("vault")]
[Allow("teller")]
public interface IVault
{
    Task<string> OpenAsync(string text, CancellationToken cancellationToken = default);

    [Idempotent]
    Task<string> LookAsync(string text, CancellationToken cancellationToken = default);

    IAsyncEnumerable<string> TalkAsync(IAsyncEnumerable<string> texts, CancellationToken cancellationToken = default);

    [Allow("teller")]
    [Allow(Callers.Authenticated)]
    Task<string> WhoAsync(string text, CancellationToken cancellationToken = default);
}

/// <summary>Counts and notes who called. The text "wait" waits until the call is cancelled.</summary>
public sealed class Vault(string name = "") : IVault
{
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    public ConcurrentQueue<string> Callers { get; } = new();

    /// <summary>Headers of the calls, as "name: value".</summary>
    public ConcurrentQueue<string> Headers { get; } = new();

    public ConcurrentDictionary<string, bool> Connections { get; } = new();

    public async Task<string> OpenAsync(string text, CancellationToken cancellationToken = default)
    {
        Note();
        if (text == "wait")
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        return name + text;
    }

    public Task<string> LookAsync(string text, CancellationToken cancellationToken = default) => OpenAsync(text, cancellationToken);

    public async IAsyncEnumerable<string> TalkAsync(IAsyncEnumerable<string> texts, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Note();
        await foreach (var text in texts.WithCancellation(cancellationToken))
        {
            yield return name + text;
        }
    }

    public Task<string> WhoAsync(string text, CancellationToken cancellationToken = default)
    {
        Note();
        var context = CallContext.Current!;
        return Task.FromResult($"{context.Caller.Identity?.Service}|{context.Caller.Account?.Id}|{context.OnBehalfOf?.Id}|{context.RequestHeaders["authorization"]}");
    }

    private void Note()
    {
        var context = CallContext.Current!;
        Callers.Enqueue(context.Caller.Identity?.ToString() ?? "nobody");
        Connections[context.RemoteAddress ?? ""] = true;
        foreach (var (header, value) in context.RequestHeaders)
        {
            Headers.Enqueue($"{header}: {value}");
        }

        Interlocked.Increment(ref _calls);
    }
}
