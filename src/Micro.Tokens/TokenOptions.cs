namespace Micro.Tokens;

/// <summary>Options of <c>Micro:Tokens</c>: of issuing tokens and of whom to believe.</summary>
public sealed class TokenOptions
{
    /// <summary>Name of the issuer in this home, <c>iss</c> of its tokens. Default <c>micro.local</c>.</summary>
    public string Issuer { get; set; } = "micro.local";

    /// <summary>Whether tokens that were signed with the keys in this home are accepted. Default true.</summary>
    public bool AcceptLocal { get; set; } = true;

    /// <summary>How long an access token is valid, and so how long it outlives its account. Default 15 minutes; 1 second to 24 hours.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a sign-in can be carried on with refresh tokens, from its beginning. Default 12 hours; up to 90 days.</summary>
    public TimeSpan RefreshLifetime { get; set; } = TimeSpan.FromHours(12);

    /// <summary>How far clocks may disagree when <c>exp</c>, <c>nbf</c> and <c>iat</c> are checked. Default and most: 30 seconds.</summary>
    public TimeSpan Leeway { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Age at which a key is followed by a new one, when a token is issued. Default 30 days; 1 hour to 10 years.</summary>
    public TimeSpan KeyLifetime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// How long a new key is published before it signs, and an old one verifies after it stopped signing. Default 1 hour; at least <see cref="Lifetime"/> and
    /// <see cref="Leeway"/> together, at most <see cref="KeyLifetime"/>.
    /// </summary>
    public TimeSpan KeyOverlap { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Most verified tokens that are remembered, each for at most a minute. Default 1,024; 0 remembers none.</summary>
    public int CacheSize { get; set; } = 1024;

    /// <summary>Directory that holds <c>authority/</c>. Null: Micro's home.</summary>
    public string? Home { get; set; }

    /// <summary>Further issuers to believe. Default none.</summary>
    public IList<OutsideIssuerOptions> Issuers { get; } = [];
}
