namespace Micro.Testing.Codecs;

/// <summary>A type no codec may ever make because a message names it: its assembly-qualified name is <see cref="Name"/>. It counts its instances.</summary>
public sealed class CodecTripwire
{
    private static int s_created;

    /// <summary>Creates an instance, which is what must not happen.</summary>
    public CodecTripwire() => Interlocked.Increment(ref s_created);

    /// <summary>What a message would say to get one.</summary>
    public static string Name => "Micro.Testing.Codecs.CodecTripwire, Micro.Testing";

    /// <summary>How many were made in this process.</summary>
    public static int Created => s_created;
}
