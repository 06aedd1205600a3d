namespace Snippets.Security;

[MicroService("ledger")]
[Allow(Callers.TrustDomain)]
[Deny("guest")]
public interface ILedger
{
    Task<string> ReadAsync(string account, CancellationToken cancellationToken = default);

    [Allow("billing")]
    [RequireScope("ledger.write")]
    Task BookAsync(string entry, CallContext context);

    [Public]
    Task<string> TermsAsync(CancellationToken cancellationToken = default);
}

public sealed class Ledger : ILedger
{
    public Task<string> ReadAsync(string account, CancellationToken cancellationToken = default) => Task.FromResult("");

    public Task BookAsync(string entry, CallContext context)
    {
        var service = context.Caller.Identity?.Service;       // who calls, as it was verified
        var person = context.OnBehalfOf?.Id;                  // for whom
        Console.WriteLine($"{service} books for {person}: {entry}");
        return Task.CompletedTask;
    }

    public Task<string> TermsAsync(CancellationToken cancellationToken = default) => Task.FromResult("");
}

public static class Explaining
{
    public static string Explain(IEnumerable<CallRule> rules)
    {
        var set = RuleSet.Create(rules, trustDomain: "micro.local", @namespace: "default");
        var caller = new Caller(ServiceIdentity.Create("micro.local", "default", "billing"));
        return set.Explain(caller, new ProtectedResource(ResourceKind.Call, "ledger.Ledger", "Book")).ToString();
    }
}

public static class Identities
{
    public static void Local(IHostApplicationBuilder builder)
    {
        builder.AddMicro("orders").AddLocalAuthority(authority => authority.RootLifetime = TimeSpan.FromDays(365));
    }

    public static void Files(IHostApplicationBuilder builder)
    {
        builder.AddMicro("orders").AddPemCredentials(pem =>
        {
            pem.Certificate = "/certs/tls.crt";               // the leaf, then what lies between it and its root
            pem.Key = "/certs/tls.key";                       // closed to group and others
            pem.Bundle = "/certs/ca.crt";                     // the roots of the trust domain
        });
    }
}
