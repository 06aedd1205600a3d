using System.Collections.Frozen;
using System.Text;
using Micro.Security;
using Micro.Tokens.Keys;
using Microsoft.Extensions.Logging;

namespace Micro.Tokens.Verification;

/// <summary>Whom to believe: the issuers of the configuration, each with keys of its own.</summary>
internal sealed class TokenTrust
{
    private readonly FrozenDictionary<string, IssuerTrust> _issuers;

    /// <exception cref="CredentialException">The keys of an issuer in the configuration cannot be used.</exception>
    public TokenTrust(TokenOptions options, LocalKeys local, HttpMessageInvoker client, TimeProvider clock, ILogger logger)
    {
        var issuers = options.Issuers.Select(issuer => new IssuerTrust(issuer.Issuer, Keys(issuer, client, clock, logger), issuer)).ToList();
        if (options.AcceptLocal)
        {
            issuers.Add(new IssuerTrust(options.Issuer, local, null));
        }

        _issuers = issuers.ToFrozenDictionary(issuer => issuer.Name, StringComparer.Ordinal);
        Remote = [.. issuers.Select(issuer => issuer.Keys).OfType<RemoteKeySource>()];
    }

    /// <summary>The keys that are fetched.</summary>
    public IReadOnlyList<RemoteKeySource> Remote { get; }

    public IssuerTrust? Find(string? issuer) => issuer is null ? null : _issuers.GetValueOrDefault(issuer);

    private static KeySource Keys(OutsideIssuerOptions issuer, HttpMessageInvoker client, TimeProvider clock, ILogger logger)
    {
        try
        {
            return issuer switch
            {
                { Keys: { } json } => new FixedKeySource(JsonWebKeys.Parse(Encoding.UTF8.GetBytes(json))),
                { KeysFile: { } path } => new FileKeySource(path, clock, logger),
                _ => new RemoteKeySource(issuer.KeysAddress!, issuer.RefreshInterval, client, clock, logger),
            };
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new CredentialException($"The keys of the issuer '{issuer.Issuer}' cannot be used: {e.Message}", e);
        }
    }
}
