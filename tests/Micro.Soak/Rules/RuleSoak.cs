using System.Diagnostics;
using System.Text.Json;
using Micro.Security;

namespace Micro.Soak.Rules;

/// <summary>
/// Random rules and requests: the engine has to say what the naive evaluator says, in whatever order the rules come (RBAC-2, RBAC-10). Runs until both the time and
/// the number are reached. Options: <c>--seconds</c>, <c>--seed</c>, <c>--requests</c> (10 million).
/// </summary>
internal static class RuleSoak
{
    public static Task<int> RunAsync(SoakArguments arguments)
    {
        var seed = arguments.Number("seed", Environment.TickCount & 0xffffff);
        var seconds = arguments.Number("seconds", 30);
        var least = arguments.Number("requests", 10_000_000);
        Console.WriteLine($"seed {seed}, {seconds} s, {least} requests");
        var world = new RuleWorld(new Random(seed));
        var began = Stopwatch.GetTimestamp();
        var (checks, violations) = (0L, 0L);
        string? worst = null;
        while (checks < least || Stopwatch.GetElapsedTime(began).TotalSeconds < seconds)
        {
            var rules = world.Rules(40);
            var set = RuleSet.Create(rules, RuleWorld.TrustDomain, RuleWorld.Namespace);
            var naive = rules.ToArray();
            world.Shuffle(rules);
            var shuffled = RuleSet.Create(rules, RuleWorld.TrustDomain, RuleWorld.Namespace);
            for (var i = 0; i < 200; i++, checks++)
            {
                var (caller, resource) = (world.Caller(), world.Resource());
                var decision = set.Authorize(caller, resource);
                var expected = NaiveRules.Decide(naive, caller, resource, RuleWorld.TrustDomain, RuleWorld.Namespace);
                if (decision.IsAllowed != expected.Allowed || decision.Rule?.Priority != expected.Priority || shuffled.Authorize(caller, resource) != decision)
                {
                    violations++;
                    worst ??= $"request {checks}: {set.Explain(caller, resource)}, naive {expected}";
                }
            }
        }

        Console.WriteLine(JsonSerializer.Serialize(new { soak = "rules", seed, seconds = (int)Stopwatch.GetElapsedTime(began).TotalSeconds, checks, violations, worst }));
        return Task.FromResult(violations == 0 ? 0 : 1);
    }
}
