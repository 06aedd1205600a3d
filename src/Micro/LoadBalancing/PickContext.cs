namespace Micro.LoadBalancing;

/// <summary>What a balancer may base its choice on besides the counters of the candidates.</summary>
/// <param name="Random">Uniform random bits, fresh for each pick: the only randomness a balancer may use.</param>
/// <param name="KeyHash">Hash of the route key; meaningless unless <paramref name="HasKey"/>.</param>
/// <param name="HasKey">Whether the call has a route key.</param>
/// <param name="Attempt">0 for the first attempt of a call, 1 for its first retry.</param>
public readonly record struct PickContext(ulong Random, ulong KeyHash = 0, bool HasKey = false, int Attempt = 0)
{
    /// <summary>Maps the high bits of <see cref="Random"/> evenly to 0 … <paramref name="count"/> − 1 without a division.</summary>
    public int Index(int count) => (int)(((Random >> 32) * (ulong)count) >> 32);
}
