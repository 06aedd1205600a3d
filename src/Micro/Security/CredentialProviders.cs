namespace Micro.Security;

/// <summary>Names of the built-in sources of credentials, for <c>Micro:Security:Provider</c>. Packages add further ones.</summary>
public static class CredentialProviders
{
    /// <summary>The local authority, for the processes of one user on one machine; the default when nothing was added.</summary>
    public const string Local = "local";

    /// <summary>Files that somebody else renews: cert-manager, a SPIRE helper, an operator.</summary>
    public const string Pem = "pem";

    /// <summary>An authority on another machine, joined with a token: <c>micro authority serve</c>.</summary>
    public const string Authority = "authority";
}
