using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Micro.Security;

/// <summary>
/// Reads the rules of every source before anything else of the host starts, and again whenever one changes. The first time a bad set stops the host; later the last good
/// set of that source stays, whole, and the failure is told (RBAC-8).
/// </summary>
internal sealed partial class RuleLoader(
    IEnumerable<IRuleSource> sources,
    RuleAuthorizer authorizer,
    RuleNames names,
    IOptionsMonitor<MicroSecurityOptions> options,
    ILogger<RuleLoader> logger) : IHostedLifecycleService, IAsyncDisposable
{
    private readonly IRuleSource[] _sources = [.. sources];
    private readonly Dictionary<IRuleSource, IReadOnlyList<CallRule>> _rules = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private Task _following = Task.CompletedTask;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var changes = new List<CancellationToken>();
        foreach (var source in _sources)
        {
            changes.Add(source.Changed);
            _rules[source] = await ReadAsync(source, cancellationToken);
        }

        Publish();
        _following = Task.WhenAll(_sources.Zip(changes, FollowAsync));
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken) => await DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
    }

    private async Task FollowAsync(IRuleSource source, CancellationToken changed)
    {
        while (await ChangedAsync(changed))
        {
            changed = source.Changed;
            try
            {
                var rules = await ReadAsync(source, _stop.Token);
                Take(source, rules);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                authorizer.CountFailure();
                RulesKept(source.Name, e.Message, e);
            }
        }
    }

    /// <summary>False when the host stops.</summary>
    private async Task<bool> ChangedAsync(CancellationToken changed)
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var onChange = changed.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), fired);
        await using var onStop = _stop.Token.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), fired);
        await fired.Task;
        return !_stop.IsCancellationRequested;
    }

    private void Take(IRuleSource source, IReadOnlyList<CallRule> rules)
    {
        lock (_gate)
        {
            var before = _rules[source];
            if (rules.Count == 0 && before.Count > 0 && !options.CurrentValue.AllowEmptyRules)
            {
                throw new RuleException(
                    source.Name, null, null, $"it has none any more, where there were {before.Count}. If that is meant, set Micro:Security:AllowEmptyRules=true");
            }

            if (rules.SequenceEqual(before))
            {
                return;
            }

            _rules[source] = rules;
            Publish();
            RulesChanged(source.Name, before.Count, rules.Count);
        }
    }

    private void Publish() => authorizer.Use(RuleSet.Create(_rules.Values.SelectMany(rules => rules), names.TrustDomain, names.Namespace));

    /// <summary>Reads and checks: what comes out of here can be used.</summary>
    private async ValueTask<IReadOnlyList<CallRule>> ReadAsync(IRuleSource source, CancellationToken cancellationToken)
    {
        var rules = await source.ReadAsync(cancellationToken);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var rule in rules)
        {
            if (CompiledRule.TryCompile(rule, names.TrustDomain, names.Namespace, out _) is { } wrong)
            {
                throw new RuleException(source.Name, rule.Id, wrong.Field, $"it has to be {wrong.Allowed}");
            }

            if (!ids.Add(rule.Id))
            {
                throw new RuleException(source.Name, rule.Id, nameof(CallRule.Id), "two rules have it; every rule needs its own");
            }
        }

        return rules;
    }

    [LoggerMessage(1651, LogLevel.Error, "The rules of {RuleSource} were not taken over; the last good ones stay in force. {Reason}")]
    private partial void RulesKept(string ruleSource, string reason, Exception exception);

    [LoggerMessage(1652, LogLevel.Information, "The rules of {RuleSource} changed: {Before} before, {Now} now.")]
    private partial void RulesChanged(string ruleSource, int before, int now);
}
