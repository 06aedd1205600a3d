using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Micro.Security;

/// <summary>
/// Finds the chain from a leaf to a root of its trust domain: signatures, names, path lengths and name constraints, as RFC 5280, section 6 has it. Without a look at
/// the network or at the roots of the machine.
/// </summary>
internal static class SvidChain
{
    private const X509ChainStatusFlags NameConstraints = X509ChainStatusFlags.InvalidNameConstraints | X509ChainStatusFlags.HasNotSupportedNameConstraint
        | X509ChainStatusFlags.HasNotDefinedNameConstraint | X509ChainStatusFlags.HasNotPermittedNameConstraint | X509ChainStatusFlags.HasExcludedNameConstraint;

    /// <summary>How every chain here is built, by whomever: what is not there is not fetched.</summary>
    /// <remarks>
    /// Without <see cref="X509ChainPolicy.DisableCertificateDownloads"/> a stranger's certificate makes this process call whatever address stands in it. With a
    /// revocation mode other than none, each certificate of a private authority fails, as it names no place to ask.
    /// </remarks>
    public static X509ChainPolicy OfflinePolicy() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };

    /// <summary>Null when there is a chain, else why there is none.</summary>
    /// <param name="leaf">Where it starts.</param>
    /// <param name="sent">What may lie between.</param>
    /// <param name="roots">Where it has to end.</param>
    /// <param name="now">Chooses between certificates of one name; whether they are valid then is not decided here.</param>
    /// <param name="path">The certificates of the chain as DER, the leaf first and the root last.</param>
    public static string? Find(
        X509Certificate2 leaf, IReadOnlyList<X509Certificate2> sent, IReadOnlyList<X509Certificate2> roots, DateTimeOffset now, out List<byte[]> path)
    {
        path = [];
        using var chain = new X509Chain { ChainPolicy = OfflinePolicy() };
        var policy = chain.ChainPolicy;
        policy.VerificationTime = now.UtcDateTime;
        policy.ApplicationPolicy.Add(new Oid(SvidRules.ServerAuthentication));
        policy.ApplicationPolicy.Add(new Oid(SvidRules.ClientAuthentication));
        policy.CustomTrustStore.AddRange(roots.ToArray());
        policy.ExtraStore.AddRange(sent.ToArray());
        try
        {
            chain.Build(leaf);
            path.AddRange(chain.ChainElements.Select(element => element.Certificate.RawData));

            // The validator looks at the times itself, with its leeway.
            var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status) & ~X509ChainStatusFlags.NotTimeValid;
            return Explain(status) ?? CheckPath(path, sent, roots);
        }
        finally
        {
            foreach (var element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }
        }
    }

    private static string? Explain(X509ChainStatusFlags status) => status switch
    {
        X509ChainStatusFlags.NoError => null,
        _ when (status & NameConstraints) != 0 => "its name is outside the name constraints of its CA",
        _ when status.HasFlag(X509ChainStatusFlags.NotSignatureValid) => "a signature in its chain is wrong",
        _ when status.HasFlag(X509ChainStatusFlags.InvalidBasicConstraints) => "a CA in its chain may not have this many below it (basic constraints, pathLenConstraint)",
        _ when status.HasFlag(X509ChainStatusFlags.NotValidForUsage) => "a CA in its chain is not for serverAuth and clientAuth (extended key usage)",
        _ when (status & (X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot)) != 0 => "no root of its trust domain vouches for it, by what it sent",
        _ => $"its chain is not valid ({status})",
    };

    /// <summary>
    /// Null when the path goes only over what was sent to one of the roots. The platform looks into the certificate stores of the user as well, custom root trust or
    /// not (measured on Linux), and who can write there is not who decides on trust here.
    /// </summary>
    public static string? CheckPath(List<byte[]> path, IReadOnlyList<X509Certificate2> sent, IReadOnlyList<X509Certificate2> roots)
    {
        if (path.Count < 2)
        {
            return "it vouches for itself; no CA does";
        }

        if (!roots.Any(root => root.RawDataMemory.Span.SequenceEqual(path[^1])))
        {
            return "its chain ends at something that is not a root of its trust domain";
        }

        return path[1..^1].TrueForAll(between => sent.Any(one => one.RawDataMemory.Span.SequenceEqual(between)))
            ? null
            : "its chain goes over a certificate it did not send";
    }
}
