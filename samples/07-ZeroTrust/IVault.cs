namespace Samples.ZeroTrust;

/// <summary>Keeps money. Nothing of it is open to everybody; what no rule allows is denied.</summary>
[MicroService("vault", Json = typeof(VaultJson))]
public interface IVault
{
    /// <summary>What is in an account: for the service that is called teller, and for no other.</summary>
    [Idempotent]
    [Allow("teller")]
    Task<Balance> BalanceAsync(BalanceQuery query, CallContext context);

    /// <summary>Who looked at what: for people whose account has the scope, through whichever service they use.</summary>
    [Idempotent]
    [RequireScope("vault.audit")]
    Task<AuditReport> AuditAsync(CallContext context);
}
