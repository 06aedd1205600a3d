using System.Collections.Frozen;

namespace Micro.Tokens.Keys;

/// <summary>The keys of an issuer at one moment, by their ids, which are compared exactly. Immutable.</summary>
internal sealed class KeySet(IEnumerable<VerificationKey> keys)
{
    public static readonly KeySet Empty = new([]);

    private readonly FrozenDictionary<string, VerificationKey> _keys = keys.ToFrozenDictionary(key => key.Id, StringComparer.Ordinal);

    public int Count => _keys.Count;

    public VerificationKey? Find(string id) => _keys.GetValueOrDefault(id);
}
