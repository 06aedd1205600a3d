namespace Micro.Security;

/// <summary>
/// One sign-in that is carried on with refresh tokens, each good once. Of its tokens only the newest is known, as a hash: any other one that names the family was
/// used before, or stolen. Immutable. Source: RFC 9700, section 4.14.2.
/// </summary>
public sealed record RefreshFamily
{
    /// <summary>Which it is; random, and known to those who hold one of its tokens.</summary>
    public required string Id { get; init; }

    /// <summary>SHA-256 of the newest token's secret.</summary>
    public required ReadOnlyMemory<byte> Hash { get; init; }

    /// <summary>Whom its access tokens are for.</summary>
    public required string Audience { get; init; }

    /// <summary>Most scopes its access tokens have; null for all the account has.</summary>
    public IReadOnlySet<string>? Scopes { get; init; }

    /// <summary>The one identity that may use it and its access tokens; null for any.</summary>
    public ServiceIdentity? BoundTo { get; init; }

    /// <summary>When it is over, to the second; using it does not move that.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The id alone.</summary>
    public override string ToString() => $"family {Id}";
}
