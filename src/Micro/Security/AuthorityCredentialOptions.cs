namespace Micro.Security;

/// <summary>
/// Options of credentials from an authority on another machine. Bound from <c>Micro:Security:Authority</c>; checked at start. See docs/security.md, "Many machines".
/// </summary>
public sealed class AuthorityCredentialOptions
{
    /// <summary>Where the authority is reached by who has joined: <c>grpc://authority.example:7443</c>; several with <c>;</c> between, tried in order.</summary>
    public string? Address { get; set; }

    /// <summary>Where it is reached by who has not: <c>http://authority.example:7444</c>. Needed until the first leaf is there.</summary>
    public string? JoinAddress { get; set; }

    /// <summary>The namespace of the authority, which is who a server has to prove to be. Null, the default: the process's own, <c>Micro:Security:Namespace</c>.</summary>
    public string? Namespace { get; set; }

    /// <summary>
    /// The join token with its fingerprint, as <c>micro authority token</c> prints it; several with <c>;</c> between for a process that is several services. Used once,
    /// when nothing valid is kept in the home. A secret: prefer <see cref="JoinTokenFile"/>.
    /// </summary>
    public string? JoinToken { get; set; }

    /// <summary>A file with the join token, or several, one a line. Read when one is needed; others must not be able to read it.</summary>
    public string? JoinTokenFile { get; set; }

    /// <summary>Where what was got is kept; default <c>joined</c> in the home directory. Made with mode 0700; refused when it is a link or open to others.</summary>
    public string? Directory { get; set; }
}
