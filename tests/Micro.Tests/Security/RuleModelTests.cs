using Micro.Security;
using Micro.Soak.Rules;

namespace Micro.Tests.Security;

/// <summary>The engine against <see cref="NaiveRules"/>.</summary>
public sealed class RuleModelTests(ITestOutputHelper output)
{
    [Fact]
    public void RBAC_2_RBAC_10_The_engine_says_what_the_naive_evaluator_says_a_million_times_in_any_order()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var world = new RuleWorld(new Random(seed));
        var requests = 0;
        while (requests < 1_000_000)
        {
            var rules = world.Rules(24);
            var set = RuleSet.Create(rules, RuleWorld.TrustDomain, RuleWorld.Namespace);
            var naive = rules.ToArray();
            world.Shuffle(rules);
            var shuffled = RuleSet.Create(rules, RuleWorld.TrustDomain, RuleWorld.Namespace);
            for (var i = 0; i < 100; i++, requests++)
            {
                var (caller, resource) = (world.Caller(), world.Resource());
                var decision = set.Authorize(caller, resource);
                var expected = NaiveRules.Decide(naive, caller, resource, RuleWorld.TrustDomain, RuleWorld.Namespace);
                if (decision.IsAllowed != expected.Allowed || decision.Rule?.Priority != expected.Priority || shuffled.Authorize(caller, resource) != decision)
                {
                    Assert.Fail($"seed {seed}, request {requests}: {set.Explain(caller, resource)}\nnaive: {expected}, engine: {decision}, shuffled: {shuffled.Authorize(caller, resource)}");
                }

                if (i % 10 == 0)
                {
                    Assert.Equal(decision, set.Explain(caller, resource).Decision);
                }
            }
        }
    }

    [Fact]
    public void The_engine_says_the_same_when_it_keeps_no_more_tables()
    {
        var world = new RuleWorld(new Random(7));
        var rules = world.Rules(200);
        rules.Add(new CallRule { Id = "specific", Effect = RuleEffect.Allow, Name = "x1", Scope = "" });
        var set = RuleSet.Create(rules, RuleWorld.TrustDomain, RuleWorld.Namespace);
        for (var i = 0; i < 6000; i++)
        {
            set.Authorize(Caller.Anonymous, new ProtectedResource(ResourceKind.Call, $"hostile{i}", "x"));
        }

        Assert.Equal(4096, set.TableCount);
        for (var i = 0; i < 2000; i++)
        {
            var (caller, resource) = (world.Caller(), world.Resource());
            Assert.Equal(NaiveRules.Decide(rules, caller, resource, RuleWorld.TrustDomain, RuleWorld.Namespace).Allowed, set.Authorize(caller, resource).IsAllowed);
        }
    }

    [Fact]
    public void RBAC_12_A_decision_over_10000_rules_allocates_nothing_and_does_not_grow_with_them()
    {
        var rules = Enumerable.Range(0, 10_000).Select(i => new CallRule
        {
            Id = $"r{i}", Effect = i % 3 == 0 ? RuleEffect.Deny : RuleEffect.Allow, Priority = i % 5,
            Caller = (i % 4) switch { 0 => $"svc{i}", 1 => $"team{i}/*", 2 => $"svc{i}*", _ => "*/*" },
            Scope = i % 7 == 0 ? $"scope{i}" : "*", Name = i % 2 == 0 ? "*" : $"contract{i % 50}",
        });
        var set = RuleSet.Create(rules, "micro.local", "default");
        var caller = new Caller(ServiceIdentity.Create("micro.local", "default", "svc4000"), new Account("u", "user", new HashSet<string> { "scope7", "scope14" }, "i"));
        var resources = Enumerable.Range(0, 50).Select(i => new ProtectedResource(ResourceKind.Call, $"contract{i}", "Op")).ToArray();
        for (var i = 0; i < 5000; i++)
        {
            set.Authorize(caller, resources[i % 50]);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            set.Authorize(caller, resources[i % 50]);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
