namespace Micro.Tokens.Keys;

/// <summary>Keys that are written in the configuration.</summary>
internal sealed class FixedKeySource(KeySet keys) : KeySource
{
    public override KeySet Current { get; } = keys;
}
