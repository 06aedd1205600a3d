namespace Samples.ZeroTrust;

/// <summary>Checks nobody: whoever comes here was let in by the rules of the contract.</summary>
internal sealed class Vault : IVault
{
    private static int looks;

    public Task<Balance> BalanceAsync(BalanceQuery query, CallContext context)
    {
        Interlocked.Increment(ref looks);
        return Task.FromResult(new Balance(query.Account, 120m));
    }

    public Task<AuditReport> AuditAsync(CallContext context) =>
        Task.FromResult(new AuditReport(Volatile.Read(ref looks), context.OnBehalfOf!.Id, context.Caller.Identity!.Service!));
}
