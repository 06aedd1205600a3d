using System.Collections;
using Micro.Security;

namespace Micro.Tests.Security;

/// <summary>What rules mean, one case each (go-micro's A01 to A17, A36; RBAC-1, 2, 3, 9).</summary>
public sealed class RuleSetTests
{
    private static readonly Caller Orders = new(ServiceIdentity.Create("micro.local", "default", "orders"));
    private static readonly Caller User = new(null, new Account("anna", "user", new HashSet<string> { "read" }, "issuer"));
    private static readonly ProtectedResource Hello = new(ResourceKind.Call, "greeter.Greeter", "Hello");

    [Fact]
    public void A01_RBAC_1_No_rules_deny() => Assert.Equal(default, RuleSet.Empty.Authorize(Orders, Hello));

    [Fact]
    public void A02_A03_An_empty_scope_is_for_anyone_with_and_without_an_account()
    {
        var rule = Rule() with { Scope = "" };
        Assert.True(May(Caller.Anonymous, rule));
        Assert.True(May(User, rule));
        Assert.True(May(Orders, rule));
    }

    [Fact]
    public void A04_A05_RBAC_1_A_star_is_for_whoever_is_verified()
    {
        Assert.True(May(User, Rule()));
        Assert.True(May(Orders, Rule()));
        Assert.False(May(Caller.Anonymous, Rule()));
    }

    [Fact]
    public void A06_A07_A_named_contract_is_that_and_no_other()
    {
        Assert.True(May(Orders, Rule() with { Name = "greeter.Greeter" }));
        Assert.False(May(Orders, Rule() with { Name = "greeter.Greete" }));
        Assert.False(May(Orders, Rule() with { Name = "greeter.Greeter2" }));
    }

    [Fact]
    public void A08_A09_A_scope_is_needed_on_the_account()
    {
        Assert.True(May(User, Rule() with { Scope = "read" }));
        Assert.False(May(User, Rule() with { Scope = "write" }));
        Assert.False(May(Orders, Rule() with { Scope = "read" }));
        Assert.True(May(Orders with { Account = User.Account }, Rule() with { Scope = "read" }));
    }

    [Fact]
    public void A10_A_deny_denies()
    {
        Assert.False(May(User, Rule() with { Effect = RuleEffect.Deny }));
        Assert.False(May(User, Rule(), Rule() with { Id = "2", Effect = RuleEffect.Deny, Scope = "read" }));
        Assert.False(May(Caller.Anonymous, Rule() with { Scope = "" }, Rule() with { Id = "2", Effect = RuleEffect.Deny, Scope = "" }));
    }

    [Fact]
    public void A11_A12_RBAC_2_The_higher_priority_decides_and_deny_beats_allow_at_equal_priority()
    {
        var allow = Rule();
        var deny = Rule() with { Id = "2", Effect = RuleEffect.Deny };
        Assert.True(May(Orders, allow with { Priority = 1 }, deny));
        Assert.False(May(Orders, allow, deny with { Priority = 1 }));
        Assert.False(May(Orders, allow, deny));
        Assert.False(May(Orders, deny, allow));
        Assert.True(May(Orders, allow with { Priority = int.MaxValue }, deny with { Priority = int.MinValue }));
    }

    [Fact]
    public void A13_A14_A15_A16_Operations_match_exactly_by_star_and_by_prefix()
    {
        Assert.True(May(Orders, Rule() with { Operation = "Hello" }));
        Assert.False(May(Orders, Rule() with { Operation = "Hell" }));
        Assert.True(May(Orders, Rule() with { Operation = "*" }));
        Assert.True(May(Orders, Rule() with { Operation = "He*" }));
        Assert.False(May(Orders, Rule() with { Operation = "Ho*" }));
    }

    [Fact]
    public void A17_Kind_name_and_operation_all_have_to_match()
    {
        Assert.False(May(Orders, Rule() with { Kind = ResourceKind.Topic }));
        Assert.False(May(Orders, Rule() with { Name = "greeter.Greeter", Operation = "Bye" }));
        Assert.False(May(Orders, Rule() with { Name = "other", Operation = "Hello" }));
        Assert.True(May(Orders, Rule() with { Name = "greeter.Greeter", Operation = "Hello" }));
        foreach (var kind in Enum.GetValues<ResourceKind>())
        {
            var set = RuleSet.Create([Rule() with { Kind = kind }], "micro.local", "default");
            Assert.All(Enum.GetValues<ResourceKind>(), one => Assert.Equal(one == kind, set.Authorize(Orders, Hello with { Kind = one }).IsAllowed));
        }
    }

    [Fact]
    public void A36_Scopes_compare_exactly_whatever_the_set_thinks()
    {
        var loose = new Caller(null, new Account("a", "user", new HashSet<string>(["Admin"], StringComparer.OrdinalIgnoreCase), "i"));
        Assert.False(May(loose, Rule() with { Scope = "admin" }));
        Assert.True(May(loose, Rule() with { Scope = "Admin" }));
    }

    [Theory]
    [InlineData("*", "spiffe://micro.local/default/orders", true)]
    [InlineData("orders", "spiffe://micro.local/default/orders", true)]
    [InlineData("orders", "spiffe://micro.local/default/Orders", false)]
    [InlineData("orders", "spiffe://micro.local/team/orders", false)]
    [InlineData("orders", "spiffe://other.org/default/orders", false)]
    [InlineData("orders*", "spiffe://micro.local/default/orders", true)]
    [InlineData("orders*", "spiffe://micro.local/default/orders-eu", true)]
    [InlineData("abc*", "spiffe://micro.local/default/ab", false)]
    [InlineData("team/orders", "spiffe://micro.local/team/orders", true)]
    [InlineData("team/orders", "spiffe://micro.local/default/orders", false)]
    [InlineData("*/orders", "spiffe://micro.local/team/orders", true)]
    [InlineData("*/*", "spiffe://micro.local/team/orders", true)]
    [InlineData("*/*", "spiffe://micro.local/team/orders/eu", false)]
    [InlineData("*/*", "spiffe://micro.local/orders", false)]
    [InlineData("*/*", "spiffe://other.org/team/orders", false)]
    [InlineData("spiffe://other.org/team/orders", "spiffe://other.org/team/orders", true)]
    [InlineData("spiffe://Other.Org/team/orders", "spiffe://other.org/team/orders", true)]
    [InlineData("spiffe://other.org/Team/orders", "spiffe://other.org/team/orders", false)]
    [InlineData("spiffe://other.org/*/*", "spiffe://other.org/team/orders", true)]
    [InlineData("spiffe://other.org/*", "spiffe://other.org/team/orders", false)]
    [InlineData("spiffe://other.org/*/b/c*", "spiffe://other.org/a/b/cd", true)]
    public void RBAC_9_Callers(string pattern, string identity, bool matches) =>
        Assert.Equal(matches, May(new Caller(ServiceIdentity.Parse(identity)), Rule() with { Caller = pattern }));

    [Theory]
    [InlineData("abc*", "abc", true)]
    [InlineData("abc*", "abcd", true)]
    [InlineData("abc*", "ab", false)]
    [InlineData("abc*", "Abcd", false)]
    [InlineData("abc", "ABC", false)]
    [InlineData("*", "x", true)]
    public void RBAC_9_Names(string pattern, string name, bool matches) => Assert.Equal(
        matches, RuleSet.Create([Rule() with { Name = pattern }], "micro.local", "default").Authorize(Orders, new ProtectedResource(ResourceKind.Call, name, "x")).IsAllowed);

    [Theory]
    [InlineData("Caller", "a*b")]
    [InlineData("Caller", "*a")]
    [InlineData("Caller", "")]
    [InlineData("Caller", "a/b/c")]
    [InlineData("Caller", "spiffe://*/a/b")]
    [InlineData("Caller", "spiffe://other")]
    [InlineData("Caller", "a*/b")]
    [InlineData("Caller", "a/")]
    [InlineData("Caller", "..")]
    [InlineData("Caller", "or ders")]
    [InlineData("Name", "a*b")]
    [InlineData("Name", "")]
    [InlineData("Operation", "**")]
    [InlineData("Scope", "a*")]
    [InlineData("Scope", "a b")]
    [InlineData("Kind", "9")]
    [InlineData("Effect", "9")]
    [InlineData("Id", " ")]
    public void Malformed_rules_are_refused_by_name(string field, string value)
    {
        var rule = field switch
        {
            "Caller" => Rule() with { Caller = value },
            "Name" => Rule() with { Name = value },
            "Operation" => Rule() with { Operation = value },
            "Scope" => Rule() with { Scope = value },
            "Kind" => Rule() with { Kind = (ResourceKind)9 },
            "Effect" => Rule() with { Effect = (RuleEffect)9 },
            _ => Rule() with { Id = value },
        };
        var error = Assert.Throws<RuleException>(() => RuleSet.Create([rule], "micro.local", "default"));
        Assert.Equal(field, error.Field);
        Assert.Equal(rule.Id, error.Rule);
    }

    [Fact]
    public void RBAC_3_A_rule_that_fails_matches_when_it_denies_does_not_when_it_allows_and_is_told()
    {
        var broken = new Caller(null, new Account("a", "user", new BrokenScopes(), "i"));
        var open = Rule() with { Id = "open" };
        var allow = Rule() with { Id = "allow", Scope = "read" };
        var deny = Rule() with { Id = "deny", Scope = "read", Effect = RuleEffect.Deny };
        Assert.False(May(broken, allow));
        Assert.False(May(broken, open, deny));
        Assert.True(May(broken, open with { Priority = 1 }, deny));
        Assert.True(May(broken, open, allow));
        var set = RuleSet.Create([open, deny], "micro.local", "default");
        Assert.Equal("deny", set.Authorize(broken, Hello, out var failure).Rule!.Id);
        Assert.IsType<InvalidOperationException>(failure);
        Assert.Equal("deny", set.Explain(broken, Hello).Decision.Rule!.Id);
    }

    [Fact]
    public void An_explanation_has_every_matching_rule_in_order_and_says_why()
    {
        var set = RuleSet.Create(
            [Rule(), Rule() with { Id = "no", Effect = RuleEffect.Deny }, Rule() with { Id = "top", Priority = 5, Caller = "billing" }, Rule() with { Id = "low", Priority = -1 }], "micro.local", "default");
        var explanation = set.Explain(Orders, Hello);
        Assert.Equal(["no", "1", "low"], explanation.Matching.Select(rule => rule.Id));
        Assert.Contains("deny beats allow", explanation.Reason, StringComparison.Ordinal);
        Assert.StartsWith("denied: spiffe://micro.local/default/orders on call greeter.Greeter/Hello.", explanation.ToString(), StringComparison.Ordinal);
        Assert.Contains("No rule matches", set.Explain(Caller.Anonymous, Hello).Reason, StringComparison.Ordinal);
        Assert.Contains("priority of 5 is the highest", set.Explain(new Caller(ServiceIdentity.Create("micro.local", "default", "billing")), Hello).Reason, StringComparison.Ordinal);
    }

    private static CallRule Rule() => new() { Id = "1", Effect = RuleEffect.Allow };

    private static bool May(Caller caller, params CallRule[] rules) => RuleSet.Create(rules, "micro.local", "default").Authorize(caller, Hello).IsAllowed;

    private sealed class BrokenScopes : IReadOnlySet<string>
    {
        public int Count => 1;

        public bool Contains(string item) => throw new InvalidOperationException("broken");

        public IEnumerator<string> GetEnumerator() => throw new InvalidOperationException("broken");

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public bool IsProperSubsetOf(IEnumerable<string> other) => throw new InvalidOperationException();

        public bool IsProperSupersetOf(IEnumerable<string> other) => throw new InvalidOperationException();

        public bool IsSubsetOf(IEnumerable<string> other) => throw new InvalidOperationException();

        public bool IsSupersetOf(IEnumerable<string> other) => throw new InvalidOperationException();

        public bool Overlaps(IEnumerable<string> other) => throw new InvalidOperationException();

        public bool SetEquals(IEnumerable<string> other) => throw new InvalidOperationException();
    }
}
