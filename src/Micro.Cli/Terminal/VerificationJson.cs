namespace Micro.Cli.Terminal;

/// <summary>What <c>micro identity verify --json</c> writes.</summary>
/// <param name="Accepted">Whether services of this home would accept it.</param>
/// <param name="Reason">Why not.</param>
/// <param name="Identity">Who it is.</param>
/// <param name="Serial">Its serial number.</param>
/// <param name="NotAfter">Until when it and all that vouch for it are valid.</param>
/// <param name="Root">SHA-256 of the root that vouches for it.</param>
internal sealed record VerificationJson(bool Accepted, string? Reason, string? Identity, string? Serial, DateTimeOffset? NotAfter, string? Root);
