using System.Collections.Immutable;
using Micro.Discovery;
using Micro.Internal;
using Micro.LoadBalancing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Micro.Tests.LoadBalancing;

/// <summary>An <see cref="InstanceSet"/> with a clock that stands still and a log to read.</summary>
internal sealed class InstanceSetRig : ILogger
{
    public InstanceSetRig(int count = 0, OutlierEjectionOptions? options = null)
    {
        Options = options ?? new OutlierEjectionOptions();
        Set = new InstanceSet("orders", Options, Clock, Random, this, Removed.Add);
        Update([.. Enumerable.Range(0, count).Select(i => $"i{i}")]);
    }

    public FakeTimeProvider Clock { get; } = new();

    public RandomSource Random { get; } = new(1);

    public OutlierEjectionOptions Options { get; }

    public InstanceSet Set { get; }

    public List<InstanceState> Removed { get; } = [];

    public List<(int Id, string Text)> Logged { get; } = [];

    public List<string> Seen { get; } = [];

    public string Candidates => Ids(Set.Candidates);

    public InstanceState this[string id]
    {
        get
        {
            foreach (var state in Set.All)
            {
                if (state.Instance.Id == id)
                {
                    return state;
                }
            }

            throw new KeyNotFoundException(id);
        }
    }

    public static string Ids(ReadOnlySpan<InstanceState> states)
    {
        List<string> ids = [];
        foreach (var state in states)
        {
            ids.Add(state.Instance.Id);
        }

        return string.Join(' ', ids);
    }

    public static ServiceInstance Instance(string id, string? address = null, string? version = null, string? label = null) =>
        new("orders", id, [new Uri($"inproc://{address ?? id}")], version, label is null ? null : [new("label", label)]);

    public void Update(params string[] ids) => Update([.. ids.Select(id => Instance(id))]);

    public void Update(params ServiceInstance[] instances) =>
        Set.Update(new ServiceSnapshot("orders", [.. instances.OrderBy(instance => instance.Id, StringComparer.Ordinal)]));

    public void UpdateAsGiven(params string[] ids) =>
        Set.Update(new ServiceSnapshot("orders", ids.Select(id => Instance(id)).ToImmutableArray()));

    public void Report(string id, InstanceOutcome outcome, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            Set.Report(this[id], outcome);
        }
    }

    public void Fail(string id) => Report(id, InstanceOutcome.Failure, Options.ConsecutiveFailures);

    public void Pass(double seconds) => Clock.Advance(TimeSpan.FromSeconds(seconds));

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Logged.Add((eventId.Id, formatter(state, exception)));

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;
}
