using Microsoft.IdentityModel.Tokens;

namespace Micro.Tokens.Keys;

/// <summary>A public key and what it may verify. Immutable.</summary>
/// <param name="Id">Its <c>kid</c>.</param>
/// <param name="Key">The key, with the same id.</param>
/// <param name="Algorithms">The algorithms that fit its type, and its declaration if it has one.</param>
/// <param name="NotAfter">Until when it verifies.</param>
internal sealed record VerificationKey(string Id, SecurityKey Key, IReadOnlyList<string> Algorithms, DateTimeOffset NotAfter);
