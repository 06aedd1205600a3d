using Micro.LoadBalancing;

namespace Snippets.LoadBalancing;

public sealed class FirstBalancer(string name) : ILoadBalancer
{
    public string Name => name;

    public int Pick(ReadOnlySpan<InstanceState> candidates, in PickContext context) => 0;
}

public static class Balancers
{
    public static void Add(IMicroBuilder builder)
    {
        builder.AddLoadBalancer("first", _ => new FirstBalancer("first"));
    }
}
