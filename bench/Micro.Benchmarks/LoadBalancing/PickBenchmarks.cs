using BenchmarkDotNet.Attributes;
using Micro.Discovery;
using Micro.Internal;
using Micro.LoadBalancing;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.Benchmarks.LoadBalancing;

/// <summary>One pick, with fresh random bits and, where keyed, a fresh key each time. Budget: 100 ns over 100 instances, 0 B.</summary>
[MemoryDiagnoser]
[MinColumn]
public class PickBenchmarks
{
    private readonly RandomSource _random = new(1);
    private InstanceState[] _instances = [];
    private ILoadBalancer _balancer = null!;

    [Params(LoadBalancers.Random, LoadBalancers.RoundRobin, LoadBalancers.PowerOfTwoChoices, LoadBalancers.Rendezvous)]
    public string Balancer { get; set; } = "";

    [Params(3, 10, 100)]
    public int Instances { get; set; }

    [Params(false, true)]
    public bool Keyed { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _balancer = new LoadBalancerTable(new ServiceCollection().BuildServiceProvider(), [], _random).Create(Balancer);
        _instances = [.. Enumerable.Range(0, Instances).Select(i => new InstanceState(new ServiceInstance("orders", $"i{i:000}", [new Uri($"inproc://i{i:000}")])))];
    }

    [Benchmark]
    public int Pick()
    {
        var bits = _random.Next();
        return _balancer.Pick(_instances, new PickContext(bits, bits, Keyed));
    }
}
