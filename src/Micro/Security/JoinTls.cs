using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Micro.Security;

/// <summary>
/// TLS of the first contact, where the joiner has no certificate yet. The authority proves itself as always; only the first of all requests, for the public roots, goes
/// to a server that proved nothing. Thread-safe.
/// </summary>
internal sealed class JoinTls(IPeerAuthenticator authenticator)
{
    private const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Options of the authority's side. No client certificate is asked for, and none is taken.</summary>
    public static SslServerAuthenticationOptions ServerOptions(ServiceCredential credential) => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(credential.Leaf, [.. credential.Intermediates], offline: true),
        ClientCertificateRequired = false,
        ApplicationProtocols = [SslApplicationProtocol.Http11],
        EnabledSslProtocols = Protocols,
        CertificateChainPolicy = SvidChain.OfflinePolicy(),
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        AllowRenegotiation = false,
        AllowTlsResume = false,
    };

    /// <summary>Options of a joiner that knows a root by now: the server has to be the expected one, or the handshake fails.</summary>
    public SslClientAuthenticationOptions ClientOptions(TrustBundle trusted, ServiceIdentity expected) => Options(expected, (leaf, sent) =>
        authenticator.Authenticate(new PeerEvidence(leaf, sent, trusted, expected)).Refusal is { } refusal
            ? throw new AuthenticationException($"The server is not {expected}: {refusal}.")
            : true);

    /// <summary>Options of a joiner that asks for the roots: whoever answers, what it says is only compared with a fingerprint.</summary>
    public static SslClientAuthenticationOptions UnverifiedOptions(ServiceIdentity expected) => Options(expected, static (_, _) => true);

    private static SslClientAuthenticationOptions Options(ServiceIdentity expected, Func<X509Certificate2?, X509Certificate2[], bool> judge) => new()
    {
        TargetHost = MutualTls.HostOf(expected),
        RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
        {
            var leaf = certificate as X509Certificate2;
            return judge(leaf, chain?.ChainPolicy.ExtraStore.Where(one => leaf is null || !one.RawDataMemory.Span.SequenceEqual(leaf.RawDataMemory.Span)).ToArray() ?? []);
        },
        ApplicationProtocols = [SslApplicationProtocol.Http11],
        EnabledSslProtocols = Protocols,
        CertificateChainPolicy = SvidChain.OfflinePolicy(),
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        AllowRenegotiation = false,
        AllowTlsResume = false,
    };
}
