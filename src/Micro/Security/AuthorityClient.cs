using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Micro.Security;

/// <summary>
/// What a service asks of the authority: a leaf for the first time, a leaf again, the trust bundle. Keys are made here and never sent. Thread-safe.
/// </summary>
internal sealed class AuthorityClient(AuthorityRequests requests, IPeerAuthenticator authenticator, TimeProvider time)
{
    private readonly MutualTls _tls = new(authenticator, time);
    private readonly JoinTls _joinTls = new(authenticator);

    /// <summary>
    /// Makes a key and gets a leaf for it with a token. The token goes only to a server that a pinned root vouches for: the roots are public, are asked for first over a
    /// connection of their own, and the one with the pinned fingerprint is what the server of the second connection is held against, before a byte of the request.
    /// </summary>
    /// <exception cref="CredentialException">The authority cannot be reached, is another one, or refuses.</exception>
    public async Task<JoinedCredential> JoinAsync(
        IReadOnlyList<Uri> addresses, PinnedJoinToken token, ServiceIdentity identity, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var trusted = await PinnedAsync(addresses, token, cancellationToken);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var issuedAt = time.GetUtcNow();
        var join = new AuthorityJoin(token.Token, identity.ToString(), RequestFor(key), lifetime.TotalSeconds);
        var leaf = await requests.PostAsync(
            addresses,
            "Join",
            AuthorityRequests.JsonContentOf.Of(join, AuthorityMessagesJson.Default.AuthorityJoin),
            AuthorityMessagesJson.Default.AuthorityLeaf,
            (stream, limit) => SecureAsync(stream, _joinTls.ClientOptions(trusted, requests.Authority), limit),
            null,
            cancellationToken);
        return JoinedCredential.Create(identity, leaf, key, issuedAt, authenticator);
    }

    /// <summary>Makes a key and gets a leaf for it as the same service.</summary>
    /// <exception cref="CredentialException">The authority cannot be reached, is another one, or refuses.</exception>
    public async Task<JoinedCredential> RenewAsync(IReadOnlyList<Uri> addresses, ServiceCredential current, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var issuedAt = time.GetUtcNow();
        var renewal = new AuthorityRenewal(current.Identity.ToString(), RequestFor(key), lifetime.TotalSeconds);
        var leaf = await requests.PostAsync(
            addresses,
            "Renew",
            AuthorityRequests.JsonContentOf.Of(renewal, AuthorityMessagesJson.Default.AuthorityRenewal),
            AuthorityMessagesJson.Default.AuthorityLeaf,
            (stream, limit) => SecureAsync(stream, current, limit),
            null,
            cancellationToken);
        return JoinedCredential.Create(current.Identity, leaf, key, issuedAt, authenticator);
    }

    /// <summary>Gets the trust bundle, as soon as it has another number than the known one or the time to wait is over.</summary>
    /// <exception cref="CredentialException">The authority cannot be reached, is another one, or refuses.</exception>
    public Task<AuthorityBundle> BundleAsync(
        IReadOnlyList<Uri> addresses, ServiceCredential current, long known, TimeSpan wait, CancellationToken cancellationToken) => requests.PostAsync(
            addresses,
            "Bundle",
            AuthorityRequests.JsonContentOf.Of(new AuthorityBundleRequest(known, wait.TotalSeconds), AuthorityMessagesJson.Default.AuthorityBundleRequest),
            AuthorityMessagesJson.Default.AuthorityBundle,
            (stream, limit) => SecureAsync(stream, current, limit),
            wait + AuthorityRequests.Patience,
            cancellationToken);

    private static byte[] RequestFor(ECDsa key) =>
        new CertificateRequest(new X500DistinguishedName("O=Micro"), key, HashAlgorithmName.SHA256).CreateSigningRequest();

    private async Task<TrustBundle> PinnedAsync(IReadOnlyList<Uri> addresses, PinnedJoinToken token, CancellationToken cancellationToken)
    {
        var answer = await requests.PostAsync(
            addresses,
            "Roots",
            AuthorityRequests.JsonContentOf.Of(new AuthorityRootsRequest(), AuthorityMessagesJson.Default.AuthorityRootsRequest),
            AuthorityMessagesJson.Default.AuthorityRoots,
            (stream, limit) => SecureAsync(stream, JoinTls.UnverifiedOptions(requests.Authority), limit),
            null,
            cancellationToken);
        try
        {
            X509Certificate2[] pinned = [.. answer.Roots.Take(100).Select(der => X509CertificateLoader.LoadCertificate(der)).Where(token.Pins)];
            if (pinned.Length > 0)
            {
                return new TrustBundle([new(requests.Authority.TrustDomain, pinned)]);
            }
        }
        catch (CryptographicException e)
        {
            throw new CredentialException("The server sent roots that cannot be read. The join token was not sent.", e);
        }

        throw new CredentialException(
            $"The server at {string.Join(", ", addresses)} is not the authority of the join token: it has no root with the token's fingerprint. The token was not sent. See whether the address is right, or make a new token.");
    }

    private async ValueTask<Stream> SecureAsync(Stream stream, ServiceCredential credential, CancellationToken cancellationToken) =>
        await _tls.ConnectAsync(stream, credential, requests.Authority, null, [SslApplicationProtocol.Http11], cancellationToken);

    private static async ValueTask<Stream> SecureAsync(Stream stream, SslClientAuthenticationOptions options, CancellationToken cancellationToken)
    {
        var secure = new SslStream(stream);
        try
        {
            await secure.AuthenticateAsClientAsync(options, cancellationToken);
            return secure;
        }
        catch
        {
            await secure.DisposeAsync();
            throw;
        }
    }
}
