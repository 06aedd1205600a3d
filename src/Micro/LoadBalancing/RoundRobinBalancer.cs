namespace Micro.LoadBalancing;

/// <summary>
/// Each instance in turn, counted over all callers of one service in the process. Ignores the key.
/// </summary>
/// <remarks>
/// The turn is a position on a circle, as a fraction of 2^64, and each pick moves it on by one instance's share. Unlike a counter taken modulo the number of
/// candidates it stays where it is on the circle when that number changes, so that no instance is favoured by a membership that comes and goes. A retry does not
/// move it: else a failing instance would shift the turn of those that follow, with two instances so that it gets every first attempt.
/// </remarks>
/// <param name="start">Where to start, so that processes started together do not all call the same instance first.</param>
internal sealed class RoundRobinBalancer(ulong start) : ILoadBalancer
{
    private ulong _position = start;

    public string Name => LoadBalancers.RoundRobin;

    public int Pick(ReadOnlySpan<InstanceState> candidates, in PickContext context)
    {
        var count = (ulong)candidates.Length;
        if (context.Attempt > 0 || count == 1)
        {
            return context.Index(candidates.Length);
        }

        var position = Interlocked.Add(ref _position, ulong.MaxValue / count);
        return (int)Math.BigMul(position, count, out ulong _);
    }
}
