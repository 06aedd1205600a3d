namespace Micro.Security;

/// <summary>Decides who may do what, over a snapshot of the rules: one decision sees all old or all new ones. Thread-safe. What it throws counts as a denial.</summary>
public interface IAuthorizer
{
    /// <summary>Whether the caller may.</summary>
    AuthorizationDecision Authorize(Caller caller, in ProtectedResource resource);

    /// <summary>Fires when the rules changed; long calls ask again then. Each change has a token of its own.</summary>
    CancellationToken Changed { get; }
}
