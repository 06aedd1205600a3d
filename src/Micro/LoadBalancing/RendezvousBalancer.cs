using System.Runtime.CompilerServices;

namespace Micro.LoadBalancing;

/// <summary>
/// Highest random weight: every instance gets a weight from its hash and the key's, and the heaviest one wins. When an instance leaves, only its own
/// keys move, and they spread over all others. Source: Thaler and Ravishankar, "Using name-based mappings to increase hit rates" (1998).
/// </summary>
internal sealed class RendezvousBalancer : ILoadBalancer
{
    private const int IndexBits = 20;
    private const int MaxCandidates = 1 << IndexBits;

    public string Name => LoadBalancers.Rendezvous;

    public int Pick(ReadOnlySpan<InstanceState> candidates, in PickContext context) =>
        context.HasKey ? Highest(candidates, context.KeyHash) : context.Index(candidates.Length);

    /// <summary>Index of the candidate with the greatest weight for a key, among the first million.</summary>
    /// <remarks>
    /// Both hashes are mixed well already, so one multiplication weighs as evenly as a full mix. A weight is 42 bits of the product above 20 bits for the index, held
    /// as a positive number of floating point: these compare as their bits do, and their maximum is one instruction. A comparison of integers is a branch instead,
    /// which the processor guesses wrong about five times in a hundred candidates, and twice as slow. The two maxima do not wait for each other.
    /// </remarks>
    internal static int Highest(ReadOnlySpan<InstanceState> candidates, ulong keyHash)
    {
        if (candidates.Length > MaxCandidates)
        {
            candidates = candidates[..MaxCandidates];
        }

        var (even, odd) = (0.0, 0.0);
        var i = 0;
        for (; i < candidates.Length - 1; i += 2)
        {
            even = double.MaxNative(even, Weight(candidates[i], keyHash, i));
            odd = double.MaxNative(odd, Weight(candidates[i + 1], keyHash, i + 1));
        }

        if (i < candidates.Length)
        {
            even = double.MaxNative(even, Weight(candidates[i], keyHash, i));
        }

        return (int)(BitConverter.DoubleToUInt64Bits(double.MaxNative(even, odd)) & (MaxCandidates - 1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Weight(InstanceState candidate, ulong keyHash, int index) =>
        BitConverter.UInt64BitsToDouble(((candidate.Hash ^ keyHash) * 0x9e3779b97f4a7c15UL >> (IndexBits + 2) << IndexBits) | (uint)index);
}
