using Micro.Discovery;
using Micro.Security;
using Micro.Tokens;
using Micro.Transport;

namespace Samples.ZeroTrust;

/// <summary>Who gets into the vault and who does not; one line each.</summary>
internal static class Attempts
{
    private static readonly ServiceIdentity Teller = Identity("teller");

    private static bool allWell = true;

    /// <returns>Whether everything was as it should be.</returns>
    public static async Task<bool> RunAsync()
    {
        await using var teller = await Role.StartAsync("teller");
        if (await FindAsync(teller) is not { } vault)
        {
            Console.Error.WriteLine("There is no vault. In another terminal: dotnet run --project samples/07-ZeroTrust -- server");
            return false;
        }

        var elsewhere = Directory.CreateTempSubdirectory("micro-elsewhere-");
        try
        {
            await ByRulesAsync(teller);
            await ByTokensAsync(teller);
            await FromElsewhereAsync(teller, vault, elsewhere.FullName);
        }
        finally
        {
            elsewhere.Delete(recursive: true);
        }

        Console.WriteLine(allWell ? "All is as it should be." : "Something is not as it should be.");
        return allWell;
    }

    private static async Task ByRulesAsync(Role teller)
    {
        await ExpectAsync("the teller asks for a balance", null, () => BalanceAsync(teller));
        await ExpectAsync("the teller asks for the audit", CallStatusCode.PermissionDenied, () => AuditAsync(teller));
        await using var stranger = await Role.StartAsync("stranger");
        await ExpectAsync("a stranger of the same trust domain asks for a balance", CallStatusCode.PermissionDenied, () => BalanceAsync(stranger));
    }

    private static async Task ByTokensAsync(Role someone)
    {
        // What an operator does, or `micro auth accounts create` and `micro auth token`. The token is good for the vault alone, and for the auditor's connections alone.
        var accounts = someone.Services.GetRequiredService<AccountDirectory>();
        await accounts.TryCreateAsync(new AccountDraft { Id = "ann", Scopes = new HashSet<string> { "vault.audit" } });
        var request = new TokenRequest { Audience = Identity("vault").ToString(), BoundTo = Identity("auditor") };
        var token = (await someone.Services.GetRequiredService<TokenIssuer>().TryIssueWithoutSecretAsync("ann", request))!.AccessToken;
        try
        {
            await using (var auditor = await Role.StartAsync("auditor"))
            {
                await ExpectAsync("the auditor without a token asks for the audit", CallStatusCode.PermissionDenied, () => AuditAsync(auditor));
            }

            await using (var auditor = await Role.StartAsync("auditor", token))
            {
                await ExpectAsync("the auditor with ann's token asks for the audit", null, () => AuditAsync(auditor));
            }

            await using var thief = await Role.StartAsync("stranger", token);
            await ExpectAsync("the stranger with ann's token, stolen, asks for the audit", CallStatusCode.Unauthenticated, () => AuditAsync(thief));
        }
        finally
        {
            await accounts.TryDeleteAsync("ann");
        }
    }

    private static async Task FromElsewhereAsync(Role teller, Uri vault, string home)
    {
        await using var foreigner = await Role.StartAsync("teller", home: home);
        await ExpectAsync("a teller that trusts another authority calls, and sends nothing", CallStatusCode.Unavailable, () => BalanceAsync(foreigner, vault));

        var own = await foreigner.Services.GetRequiredService<ICredentialSource>().GetAsync(Teller, CancellationToken.None);
        var real = await teller.Services.GetRequiredService<ICredentialSource>().GetAsync(Teller, CancellationToken.None);
        await using var impostor = await Role.StartAsync(
            "teller", home: home, change: (_, micro) => micro.AddCredentials(new CredentialProvider("impostor", _ => new Impostor(own, real.Bundle))));
        await ExpectAsync("an impostor with a teller's certificate of another authority", CallStatusCode.Unauthenticated, () => BalanceAsync(impostor, vault));

        await using var plain = await Role.StartAsync("teller", home: home, change: (builder, _) => builder.Configuration["Micro:Security:Insecure"] = "true");
        var plaintext = new UriBuilder(vault) { Scheme = $"{MicroAddress.Transport(vault)}+insecure" }.Uri;
        await ExpectAsync("somebody without any certificate, in plaintext", CallStatusCode.Unavailable, () => BalanceAsync(plain, plaintext));
    }

    /// <summary>Where the vault is; null when it is not running.</summary>
    private static async Task<Uri?> FindAsync(Role role)
    {
        await foreach (var found in role.Services.GetRequiredService<IServiceResolver>().WatchAsync("vault", CancellationToken.None))
        {
            return found.Instances.FirstOrDefault()?.Addresses.First(address => MicroAddress.Transport(address) == "grpc");
        }

        return null;
    }

    private static async Task<string> BalanceAsync(Role role, Uri? vault = null)
    {
        var balance = await role.Vault.BalanceAsync(new BalanceQuery("7"), new CallContext(new CallOptions { Address = vault }, CancellationToken.None));
        return $"account {balance.Account} holds {balance.Amount:0.00}";
    }

    private static async Task<string> AuditAsync(Role role)
    {
        var report = await role.Vault.AuditAsync(new CallContext(new CallOptions(), CancellationToken.None));
        return $"accounts looked at: {report.Looks}; told to {report.Auditor} through {report.Through}";
    }

    /// <param name="what">Who tries what.</param>
    /// <param name="refusal">How it has to end; null when it has to succeed.</param>
    /// <param name="attempt">Tries it.</param>
    private static async Task ExpectAsync(string what, CallStatusCode? refusal, Func<Task<string>> attempt)
    {
        string outcome;
        CallStatusCode? code = null;
        try
        {
            outcome = await attempt();
        }
        catch (CallException e)
        {
            code = e.Code;
            outcome = e.Status.Message;
        }

        var isAsExpected = code == refusal;
        allWell &= isAsExpected;
        Console.WriteLine($"{(isAsExpected ? "ok   " : "WRONG")}  {what}");
        Console.WriteLine($"         {(code is null ? "allowed" : code.ToString())}: {outcome}");
    }

    private static ServiceIdentity Identity(string service) => ServiceIdentity.Create("micro.local", "default", service);
}
