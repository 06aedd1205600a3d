namespace Micro.Security;

/// <summary>Groups of callers a rule can name.</summary>
public enum Callers
{
    /// <summary>Every service of the same trust domain.</summary>
    TrustDomain = 0,

    /// <summary>Every caller whose identity is verified, of this trust domain or one it trusts.</summary>
    Authenticated = 1,

    /// <summary>Everyone, without an identity.</summary>
    Anyone = 2,
}
