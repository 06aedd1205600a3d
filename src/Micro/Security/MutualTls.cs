using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Micro.Security;

/// <summary>
/// How connections are made here: TLS 1.2 or 1.3, both sides with a certificate, no look at the network, and <see cref="IPeerAuthenticator"/> as the only judge of
/// the peer, on each handshake. Whoever owns the socket bounds the time, see <see cref="HandshakeTimeout"/>. Thread-safe.
/// </summary>
/// <remarks>
/// Sessions are not resumed. The peer is judged on a resumed one as well, but OpenSSL keeps only its leaf in the ticket and not what lies between leaf and root
/// (measured on .NET 10 with OpenSSL 3.0), so that all but those right below a root would be refused. Connections live long here, and one more signature is cheap.
/// </remarks>
internal sealed class MutualTls(IPeerAuthenticator authenticator, TimeProvider time)
{
    /// <summary>How long a handshake may take: 10 s. A peer that stalls is cut off then.</summary>
    public static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    private const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>What OpenSSL makes of a leaf and its intermediates, once per credential; a collected credential takes it along.</summary>
    private readonly ConditionalWeakTable<ServiceCredential, SslStreamCertificateContext> _contexts = [];

    /// <summary>
    /// The name a client asks for: <c>&lt;service&gt;.&lt;namespace&gt;</c>. It only says whom to ask for; who answers is decided by the certificate. Names compare
    /// without regard to case.
    /// </summary>
    public static string HostOf(ServiceIdentity identity) => identity.Service is { } service
        ? $"{service}.{identity.Namespace}"
        : throw new ArgumentException($"{identity} is not the identity of a service (trust domain, namespace, name).", nameof(identity));

    /// <summary>
    /// Options of the server's side of one handshake. The handshake succeeds whoever the client is: the verdict is in <paramref name="record"/>, and nothing may be
    /// served before it was looked at. A refusal inside of TLS would reach the client as the end of the stream, without a reason.
    /// </summary>
    /// <param name="serverName">The name the client asks for, or null.</param>
    /// <param name="select">Chooses the credential by it.</param>
    /// <param name="record">Takes the verdict down; one for each connection.</param>
    /// <param name="protocols">For ALPN, the preferred one first; may be empty.</param>
    /// <exception cref="AuthenticationException">Nobody here is called so.</exception>
    public SslServerAuthenticationOptions ServerOptions(
        string? serverName, CredentialSelector select, PeerRecord record, IReadOnlyList<SslApplicationProtocol> protocols)
    {
        var credential = select(string.IsNullOrEmpty(serverName) ? null : serverName) ?? throw new AuthenticationException("Nobody here has the name the client asks for.");
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = ContextOf(credential),
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
            {
                record.Record(Judge(certificate, chain, credential.Bundle, expected: null));
                return true;
            },
            ApplicationProtocols = [.. protocols],
            EnabledSslProtocols = Protocols,
            CertificateChainPolicy = SvidChain.OfflinePolicy(),
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            AllowRenegotiation = false,
            AllowTlsResume = false,
        };
    }

    /// <summary>
    /// Options of the client's side of one handshake: it fails with an <see cref="AuthenticationException"/> that says why when the server is not the expected one.
    /// </summary>
    /// <param name="credential">Whom to be, and whom to trust.</param>
    /// <param name="expected">Whom to call. It has to be a service.</param>
    /// <param name="record">Takes the verdict down; one for each connection. Null when nobody asks.</param>
    /// <param name="protocols">For ALPN, the preferred one first; may be empty.</param>
    public SslClientAuthenticationOptions ClientOptions(
        ServiceCredential credential, ServiceIdentity expected, PeerRecord? record, IReadOnlyList<SslApplicationProtocol> protocols) => new()
    {
        TargetHost = HostOf(expected),
        ClientCertificateContext = ContextOf(credential),
        RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
        {
            var peer = Judge(certificate, chain, credential.Bundle, expected);
            record?.Record(peer);
            return peer.Refusal is null ? true : throw new AuthenticationException($"The server is not {expected}: {peer.Refusal}.");
        },
        ApplicationProtocols = [.. protocols],
        EnabledSslProtocols = Protocols,
        CertificateChainPolicy = SvidChain.OfflinePolicy(),
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        AllowRenegotiation = false,
        AllowTlsResume = false,
    };

    /// <summary>Makes a connected stream a secure one, as a client, within <see cref="HandshakeTimeout"/>. The stream is disposed with the result, and when it fails.</summary>
    /// <exception cref="AuthenticationException">The server is not the expected one, or will not talk TLS as it is talked here.</exception>
    /// <exception cref="TimeoutException">The server did not finish the handshake in time.</exception>
    public Task<SecureStream> ConnectAsync(
        Stream stream, ServiceCredential credential, ServiceIdentity expected, PeerRecord? record, IReadOnlyList<SslApplicationProtocol> protocols, CancellationToken cancellationToken) =>
        HandshakeAsync(stream, (secure, limit) => secure.AuthenticateAsClientAsync(ClientOptions(credential, expected, record, protocols), limit), cancellationToken);

    /// <summary>
    /// Makes an accepted stream a secure one, within <see cref="HandshakeTimeout"/>. The stream is disposed with the result, and when it fails. Who the client is, is in
    /// the record: look there before anything is served.
    /// </summary>
    /// <exception cref="AuthenticationException">The client will not talk TLS as it is talked here, or asks for a name that nobody here has.</exception>
    /// <exception cref="TimeoutException">The client did not finish the handshake in time.</exception>
    public Task<SecureStream> AcceptAsync(
        Stream stream, CredentialSelector select, PeerRecord record, IReadOnlyList<SslApplicationProtocol> protocols, CancellationToken cancellationToken) =>
        HandshakeAsync(
            stream,
            (secure, limit) => secure.AuthenticateAsServerAsync((_, hello, _, _) => ValueTask.FromResult(ServerOptions(hello.ServerName, select, record, protocols)), null, limit),
            cancellationToken);

    private async Task<SecureStream> HandshakeAsync(Stream stream, Func<SecureStream, CancellationToken, Task> handshake, CancellationToken cancellationToken)
    {
        var secure = new SecureStream(stream);
        using var late = new CancellationTokenSource(HandshakeTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            await handshake(secure, either.Token);
            return secure;
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            await secure.DisposeAsync();
            throw new TimeoutException($"The peer did not finish the TLS handshake within {HandshakeTimeout.TotalSeconds} s.");
        }
        catch
        {
            await secure.DisposeAsync();
            throw;
        }
    }

    private SslStreamCertificateContext ContextOf(ServiceCredential credential) => _contexts.GetValue(
        credential, static one => SslStreamCertificateContext.Create(one.Leaf, [.. one.Intermediates], offline: true));

    // What the platform thinks of the certificate (names, chain) is not looked at: it knows neither SPIFFE ids nor the roots.
    private PeerIdentity Judge(X509Certificate? shown, X509Chain? chain, TrustBundle bundle, ServiceIdentity? expected)
    {
        try
        {
            // The platform puts what the peer sent here; on a client's side the leaf once more.
            var leaf = shown as X509Certificate2;
            var sent = chain?.ChainPolicy.ExtraStore.Where(one => leaf is null || !one.RawDataMemory.Span.SequenceEqual(leaf.RawDataMemory.Span)).ToArray() ?? [];
            return authenticator.Authenticate(new PeerEvidence(leaf, sent, bundle, expected));
        }
        catch (Exception failure)
        {
            return PeerIdentity.Refused($"whoever checks it failed: {failure.GetType().Name}: {failure.Message}");
        }
    }
}
