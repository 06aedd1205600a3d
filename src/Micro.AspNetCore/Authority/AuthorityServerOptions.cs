namespace Micro.AspNetCore.Authority;

/// <summary>Options of an authority that is served to other machines. Bound from <c>Micro:Authority</c>; checked at start.</summary>
public sealed class AuthorityServerOptions
{
    /// <summary>
    /// Where services join that have no certificate yet: <c>http://10.0.0.5:7444</c>, which means TLS. Nothing but joining is served there. Port 0 takes any free one.
    /// Null, the default: nobody can join, and those that have joined go on.
    /// </summary>
    public string? JoinListen { get; set; }

    /// <summary>Longest lifetime of a leaf, whatever is asked for. Default 24 hours, which is the limit; at least 2 s.</summary>
    public TimeSpan MaxLeafLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Joins that may fail within a minute from one address; further ones are refused unread. Default 30; at least 1.</summary>
    public int MaxFailedJoins { get; set; } = 30;
}
