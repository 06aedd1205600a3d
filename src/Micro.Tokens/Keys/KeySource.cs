namespace Micro.Tokens.Keys;

/// <summary>Where the keys of an issuer come from. Thread-safe; neither waits for anything nor makes a connection.</summary>
internal abstract class KeySource
{
    /// <summary>The keys as known now; the same object as long as they are the same.</summary>
    public abstract KeySet Current { get; }

    /// <summary>The keys after a look at a local source for newer ones, for a key id that is not among the current.</summary>
    public virtual KeySet Newest => Current;
}
