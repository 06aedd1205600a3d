using System.Diagnostics;
using BenchmarkDotNet.Attributes;
using Micro.Security;

namespace Micro.Benchmarks.Security;

/// <summary>
/// One decision. Budgets: 5 µs median and 0 B over 10,000 rules (this), p99 below 50 µs (<see cref="Percentiles"/>, run with <c>-- rules</c>).
/// </summary>
[MemoryDiagnoser]
[MinColumn]
[MedianColumn]
public class RuleBenchmarks
{
    private RuleSet _rules = RuleSet.Empty;
    private Caller[] _callers = [];
    private ProtectedResource[] _resources = [];
    private int _next;

    [Params(10, 10_000)]
    public int Rules { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _rules = RuleSet.Create(Enumerable.Range(0, Rules).Select(Rule), "micro.local", "default");
        _callers = [.. Enumerable.Range(0, 97).Select(i => new Caller(
            ServiceIdentity.Create("micro.local", i % 3 == 0 ? "default" : $"team{i}", $"svc{i * 40}"),
            i % 2 == 0 ? new Account("u", "user", new HashSet<string> { $"scope{i * 7}", "read", "write" }, "i") : null))];
        _resources = [.. Enumerable.Range(0, 100).Select(i => new ProtectedResource(ResourceKind.Call, $"shop.Contract{i}", "Op"))];
        foreach (var resource in _resources)
        {
            _rules.Authorize(_callers[0], resource);
        }
    }

    [Benchmark]
    public AuthorizationDecision Authorize()
    {
        var next = _next++ & int.MaxValue;
        return _rules.Authorize(_callers[next % 97], _resources[next % 100]);
    }

    /// <summary>Every decision timed by itself, with tables made on the way.</summary>
    public static void Percentiles()
    {
        var bench = new RuleBenchmarks { Rules = 10_000 };
        bench.Setup();
        var times = new double[200_000];
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < times.Length; i++)
            {
                var start = Stopwatch.GetTimestamp();
                bench.Authorize();
                times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            }
        }

        Array.Sort(times);
        Console.WriteLine($"10,000 rules: p50 {times[times.Length / 2]:0.00} µs, p99 {times[times.Length * 99 / 100]:0.00} µs, p99.9 {times[times.Length * 999 / 1000]:0.00} µs");
    }

    private static CallRule Rule(int i) => new()
    {
        Id = $"r{i}",
        Effect = i % 3 == 0 ? RuleEffect.Deny : RuleEffect.Allow,
        Priority = i % 5,
        Caller = (i % 4) switch { 0 => $"svc{i}", 1 => $"team{i}/*", 2 => $"svc{i}*", _ => "*/*" },
        Scope = i % 7 == 0 ? $"scope{i}" : "*",
        Name = (i % 3) switch { 0 => "*", 1 => "shop.*", _ => $"shop.Contract{i % 100}" },
        Operation = i % 2 == 0 ? "*" : "Op",
    };
}
