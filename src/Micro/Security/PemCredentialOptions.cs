namespace Micro.Security;

/// <summary>
/// Options of credentials from files. Bound from <c>Micro:Security:Pem</c>; checked at start. Changed files are noticed within a second, in place, by rename, or
/// by a link that is turned, as Kubernetes does.
/// </summary>
public sealed class PemCredentialOptions
{
    /// <summary>PEM file with the leaf, followed by what lies between it and its root.</summary>
    public string? Certificate { get; set; }

    /// <summary>PEM file with the leaf's private key, not encrypted. Refused when its group or others can read it; may be the same file as <see cref="Certificate"/>.</summary>
    public string? Key { get; set; }

    /// <summary>PEM file with the roots of the trust domain; at least one.</summary>
    public string? Bundle { get; set; }

    /// <summary>
    /// Takes a key that its group can read, as a Kubernetes secret with an fsGroup is. Default false. One that others can read is refused all the same.
    /// </summary>
    public bool AllowGroupReadableKey { get; set; }
}
