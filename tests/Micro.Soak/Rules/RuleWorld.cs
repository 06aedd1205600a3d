using Micro.Security;

namespace Micro.Soak.Rules;

/// <summary>Random rules and requests over few names, so that they meet often: names that begin alike, other cases, other domains, other depths.</summary>
internal sealed class RuleWorld(Random random)
{
    public const string TrustDomain = "micro.local";
    public const string Namespace = "default";

    private static readonly string[] Names = ["a", "ab", "abc", "abd", "Abc", "b"];
    private static readonly string[] Scopes = ["read", "Read", "write", "wr"];
    private static readonly string[] Callers =
    [
        "*", "a", "ab", "ab*", "abc*", "Abc", "*/*", "default/*", "default/ab*", "*/abc", "team/ab", "team/*", "team/a*",
        "spiffe://micro.local/default/abc", "spiffe://other.org/default/abc", "spiffe://other.org/*/*", "spiffe://other.org/*/ab*", "spiffe://micro.local/a", "spiffe://micro.local/*",
        "spiffe://micro.local/a/b/c", "spiffe://micro.local/*/b/*", "spiffe://micro.local/a/*/c*",
    ];

    private static readonly string[] Identities =
    [
        "spiffe://micro.local/default/a", "spiffe://micro.local/default/ab", "spiffe://micro.local/default/abc", "spiffe://micro.local/default/abcd", "spiffe://micro.local/default/Abc",
        "spiffe://micro.local/team/ab", "spiffe://micro.local/team/a", "spiffe://other.org/default/abc", "spiffe://other.org/team/a", "spiffe://micro.local/a",
        "spiffe://micro.local/a/b/c", "spiffe://micro.local/a/b/cd", "spiffe://other.org/a",
    ];

    public List<CallRule> Rules(int most) => [.. Enumerable.Range(0, random.Next(most + 1)).Select(number => new CallRule
    {
        Id = $"r{number}",
        Effect = random.Next(2) == 0 ? RuleEffect.Allow : RuleEffect.Deny,
        Priority = random.Next(4) == 0 ? random.Next(-2, 3) : 0,
        Caller = Of(Callers),
        Scope = random.Next(4) switch { 0 => "", 1 or 2 => "*", _ => Of(Scopes) },
        Kind = random.Next(8) == 0 ? ResourceKind.Topic : ResourceKind.Call,
        Name = Pattern(),
        Operation = Pattern(),
    })];

    public Caller Caller() => new(
        random.Next(4) == 0 ? null : ServiceIdentity.Parse(Of(Identities)),
        random.Next(2) == 0 ? null : new Account("u", "user", new HashSet<string>(Scopes.Where(_ => random.Next(3) == 0), random.Next(2) == 0 ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase), "i"));

    public ProtectedResource Resource() => new(random.Next(8) == 0 ? ResourceKind.Topic : ResourceKind.Call, Of(Names), Of(Names));

    public void Shuffle(List<CallRule> rules) => random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(rules));

    private string Pattern() => random.Next(3) switch { 0 => "*", 1 => Of(Names), _ => Of(Names) + "*" };

    private string Of(string[] texts) => texts[random.Next(texts.Length)];
}
