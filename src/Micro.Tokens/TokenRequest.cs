namespace Micro.Tokens;

/// <summary>What a token is to be good for. Immutable.</summary>
public sealed record TokenRequest
{
    /// <summary>The one service that accepts it, written as that service is asked: compared exactly. 1 to 2,048 visible ASCII characters.</summary>
    public required string Audience { get; init; }

    /// <summary>How long it is valid. Null: <see cref="TokenOptions.Lifetime"/>, which is also the most.</summary>
    public TimeSpan? Lifetime { get; init; }

    /// <summary>Most scopes it has; it never has more than its account. Null: all of the account's.</summary>
    public IReadOnlySet<string>? Scopes { get; init; }

    /// <summary>The one service that may use it, over a connection of its own; elsewhere it is useless. Null: whoever has it.</summary>
    public ServiceIdentity? BoundTo { get; init; }

    /// <summary>Whether a refresh token is wanted with it. Default false.</summary>
    public bool WithRefresh { get; init; }
}
