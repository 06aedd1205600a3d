using System.Text;

namespace Micro.Security;

/// <summary>The authority as this process is configured to reach it, and what is kept of what it gave. Thread-safe.</summary>
internal sealed class AuthorityAccess
{
    private readonly AuthorityCredentialOptions _options;
    private readonly MicroSecurityOptions _security;
    private readonly string _directory;
    private readonly IPeerAuthenticator _authenticator;
    private readonly TimeProvider _time;
    private readonly AuthorityClient _client;
    private readonly IReadOnlyList<Uri> _addresses;

    /// <param name="options">Validated.</param>
    /// <param name="security">Trust domain, namespace and lifetimes.</param>
    /// <param name="directory">Where identities are kept.</param>
    /// <param name="authenticator">Judge of the authority and of the leaves it sends.</param>
    /// <param name="time">The clock.</param>
    public AuthorityAccess(AuthorityCredentialOptions options, MicroSecurityOptions security, string directory, IPeerAuthenticator authenticator, TimeProvider time)
    {
        (_options, _security, _directory, _authenticator, _time) = (options, security, directory, authenticator, time);
        _client = new AuthorityClient(
            new AuthorityRequests(ServiceIdentity.Create(security.TrustDomain, options.Namespace ?? security.Namespace, AuthorityRequests.Service), time), authenticator, time);
        _addresses = AuthorityCredentialOptionsValidation.Addresses(options.Address);
    }

    /// <summary>
    /// What is kept while it is valid, else what a join token gets. Processes that share a home and start at once take turns, so that one joins and the others find what
    /// it kept. Blocks for a while: not for a caller's thread.
    /// </summary>
    /// <param name="identity">A service of this process.</param>
    /// <param name="keep">Keeps what a token got, before another process has its turn.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CredentialException">Neither is to be had; the message says what to do.</exception>
    public async Task<JoinedCredential> FirstAsync(ServiceIdentity identity, Action<JoinedCredential> keep, CancellationToken cancellationToken)
    {
        var file = FileOf(identity);
        using var turn = file.Lock(cancellationToken);
        CredentialException? unusable = null;
        try
        {
            if (file.Read(_authenticator, _time.GetUtcNow()) is { } kept)
            {
                return kept;
            }
        }
        catch (CredentialException e)
        {
            unusable = e;
        }

        var tokens = Tokens();
        if (tokens.Length == 0)
        {
            throw unusable ?? new CredentialException(
                $"'{identity}' has no valid certificate in '{file.Path}', and there is no join token. Set Micro:Security:Authority:JoinTokenFile or JoinToken to what this prints where the authority is: micro authority token {identity.Service}");
        }

        var joined = await JoinAsync(identity, tokens, cancellationToken);
        keep(joined);
        return joined;
    }

    public Task<JoinedCredential> RenewAsync(ServiceCredential current, CancellationToken cancellationToken) =>
        _client.RenewAsync(_addresses, current, _security.LeafLifetime, cancellationToken);

    public Task<AuthorityBundle> BundleAsync(ServiceCredential current, long known, TimeSpan wait, CancellationToken cancellationToken) =>
        _client.BundleAsync(_addresses, current, known, wait, cancellationToken);

    /// <exception cref="CredentialException">It cannot be written.</exception>
    public void Keep(JoinedCredential credential) => FileOf(credential.Identity).Write(credential);

    private JoinedFile FileOf(ServiceIdentity identity) => new(_directory, identity);

    private async Task<JoinedCredential> JoinAsync(ServiceIdentity identity, PinnedJoinToken[] tokens, CancellationToken cancellationToken)
    {
        var addresses = AuthorityCredentialOptionsValidation.Addresses(_options.JoinAddress);
        if (addresses.Count == 0)
        {
            throw new CredentialException("There is a join token, and no address to join at; set Micro:Security:Authority:JoinAddress, e.g. http://authority.example:7444.");
        }

        // A token of another service of this process is refused and stays good.
        for (var i = 0; ; i++)
        {
            try
            {
                return await _client.JoinAsync(addresses, tokens[i], identity, _security.LeafLifetime, cancellationToken);
            }
            catch (CredentialException) when (i + 1 < tokens.Length)
            {
            }
        }
    }

    private PinnedJoinToken[] Tokens()
    {
        var text = _options.JoinToken;
        if (string.IsNullOrWhiteSpace(text) && _options.JoinTokenFile is { Length: > 0 } path)
        {
            text = Encoding.UTF8.GetString(SecretFile.ReadMountedKey(path, allowGroup: true));
        }

        return [.. (text ?? "").Split([';', '\n', '\r'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(PinnedJoinToken.Read)];
    }
}
