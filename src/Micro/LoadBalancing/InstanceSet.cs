using System.Collections.Immutable;
using Micro.Discovery;
using Micro.Internal;
using Microsoft.Extensions.Logging;

namespace Micro.LoadBalancing;

/// <summary>
/// The instances of one service as the pipeline sees them: those of the newest snapshot, without the ones that do not work (outlier ejection, LB-8).
/// Thread-safe. Reading the candidates and reporting a success take no lock and allocate nothing; changes are rare and take one.
/// </summary>
/// <remarks>
/// An instance that cannot be reached is out at once for a short time, one whose calls fail after some in a row. When its time is over it is a candidate again until
/// one call has picked it (<see cref="Begin"/>); the others leave it alone until that call succeeded. While there are instances there is always one
/// <see cref="InstancePhase.Serving"/>, so that the candidates are never empty. Nothing here runs by a timer: what is due is done by the next reader.
/// </remarks>
internal sealed partial class InstanceSet
{
    private const int MaxDoublings = 20;

    private readonly string _service;
    private readonly OutlierEjectionOptions _options;
    private readonly TimeProvider _clock;
    private readonly RandomSource _random;
    private readonly ILogger _logger;
    private readonly Action<InstanceState>? _removed;
    private readonly Lock _gate = new();
    private volatile View _view = new([], [], long.MaxValue);

    /// <param name="service">Name of the service, for logs.</param>
    /// <param name="options">Validated options.</param>
    /// <param name="clock">Whose timestamps decide.</param>
    /// <param name="random">For the jitter of times out.</param>
    /// <param name="logger">For ejections and returns.</param>
    /// <param name="removed">
    /// Called for every state that left the set, outside of all locks and when no reader gets it any more: its calls in flight go on, its connection is to be closed
    /// after them (LB-10, LB-12). Must not throw.
    /// </param>
    public InstanceSet(
        string service, OutlierEjectionOptions options, TimeProvider clock, RandomSource random, ILogger logger, Action<InstanceState>? removed = null)
    {
        _service = service;
        _options = options;
        _clock = clock;
        _random = random;
        _logger = logger;
        _removed = removed;
    }

    /// <summary>All instances, ejected or not, ordered by id.</summary>
    public ReadOnlySpan<InstanceState> All => _view.All;

    /// <summary>The instances to pick from, ordered by id. Empty only when there are none at all.</summary>
    public ReadOnlySpan<InstanceState> Candidates
    {
        get
        {
            var view = _view;
            return view.NextReturn != long.MaxValue && _clock.GetTimestamp() >= view.NextReturn ? OfferDue() : view.Candidates;
        }
    }

    /// <summary>
    /// Takes over a newer list. The state of an instance stays when id, version and addresses do, with its counters and what is known of its health;
    /// a change of those makes a new one.
    /// </summary>
    public void Update(ServiceSnapshot snapshot)
    {
        List<InstanceState> removed = [];
        List<InstanceState> early = [];
        lock (_gate)
        {
            var all = Merge(_view.All, Ordered(snapshot.Instances), removed);
            foreach (var state in removed)
            {
                state.Health.IsMember = false;
            }

            ReturnTooMany(all, early);
            Publish(all);
        }

        foreach (var state in early)
        {
            ReturnedEarly(_service, state.Instance.Id);
        }

        foreach (var state in removed)
        {
            _removed?.Invoke(state);
        }
    }

    /// <summary>Counts a call as sent to the instance that was picked, and makes it the one call that tries a returning instance out.</summary>
    public void Begin(InstanceState state)
    {
        state.Begin();
        if (state.Health.Phase != InstancePhase.Returning)
        {
            return;
        }

        lock (_gate)
        {
            if (state.Health is { IsMember: true, Phase: InstancePhase.Returning })
            {
                state.Health.Probe(_clock.GetTimestamp() + Ticks(_options.ProbeTimeout));
                Publish(_view.All);
            }
        }
    }

    /// <summary>Says how a call to an instance ended. Once for each call; instances that are not in the set are ignored.</summary>
    public void Report(InstanceState state, InstanceOutcome outcome)
    {
        if (outcome == InstanceOutcome.Success && state.Health.IsClear)
        {
            return;
        }

        if (outcome == InstanceOutcome.Nothing || !_options.Enabled || state.Health.Phase == InstancePhase.Ejected)
        {
            // Calls that were under way when it was ejected say nothing new: it is out until its time is over.
            return;
        }

        if (outcome == InstanceOutcome.Success)
        {
            ReportSuccess(state);
        }
        else
        {
            ReportTrouble(state, outcome);
        }
    }

    private void ReportSuccess(InstanceState state)
    {
        var now = _clock.GetTimestamp();
        if (state.Health is { Phase: InstancePhase.Serving, Failures: 0 } health && !health.IsForgiven(now))
        {
            return;
        }

        bool returned;
        lock (_gate)
        {
            if (state.Health is { IsMember: false } or { Phase: InstancePhase.Ejected })
            {
                return;
            }

            returned = state.Health.Phase != InstancePhase.Serving;
            if (returned)
            {
                state.Health.Return(now);
                Publish(_view.All);
            }
            else
            {
                state.Health.Absolve(now);
            }
        }

        if (returned)
        {
            Returned(_service, state.Instance.Id);
        }
    }

    private void ReportTrouble(InstanceState state, InstanceOutcome outcome)
    {
        var byFailure = outcome == InstanceOutcome.Failure;
        var failures = 0;
        TimeSpan length;
        lock (_gate)
        {
            if (state.Health is { IsMember: false } or { Phase: InstancePhase.Ejected })
            {
                return;
            }

            var serving = state.Health.Phase == InstancePhase.Serving;
            if (serving && byFailure && (failures = state.Health.CountFailure()) < _options.ConsecutiveFailures)
            {
                return;
            }

            length = MayEject(state, byFailure) ? Eject(state, byFailure) : TimeSpan.Zero;
            if (length == TimeSpan.Zero && !serving)
            {
                // Too many of the others are out as it is.
                state.Health.Return(_clock.GetTimestamp());
            }

            Publish(_view.All);
        }

        if (length > TimeSpan.Zero)
        {
            Ejected(_service, state.Instance.Id, length.TotalSeconds, outcome);
        }
        else if (failures == _options.ConsecutiveFailures)
        {
            Kept(_service, state.Instance.Id, failures);
        }
    }

    private bool MayEject(InstanceState state, bool byFailure)
    {
        var all = _view.All;
        var serving = 0;
        foreach (var other in all)
        {
            serving += other != state && other.Health.Phase == InstancePhase.Serving ? 1 : 0;
        }

        return serving > 0 && (!byFailure || all.Length - serving <= MostByFailure(all.Length));
    }

    private TimeSpan Eject(InstanceState state, bool byFailure)
    {
        var (first, longest) = byFailure
            ? (_options.FailureEjection, _options.MaxFailureEjection)
            : (_options.UnreachableEjection, _options.MaxUnreachableEjection);
        var grown = first * Math.Pow(2, Math.Min(state.Health.Streak, MaxDoublings));
        var length = _random.Jitter(grown < longest ? grown : longest, _options.Jitter);
        state.Health.Eject(byFailure, _clock.GetTimestamp(), Ticks(length));
        return length;
    }

    /// <summary>The list became shorter: enough of those that are out come back, the one whose time is over first to begin with.</summary>
    private void ReturnTooMany(InstanceState[] all, List<InstanceState> early)
    {
        while (true)
        {
            InstanceState? first = null;
            var (serving, byFailure) = (0, 0);
            foreach (var state in all)
            {
                serving += state.Health.Phase == InstancePhase.Serving ? 1 : 0;
                byFailure += state.Health.OutByFailure ? 1 : 0;
            }

            foreach (var state in all)
            {
                var eligible = serving == 0 || state.Health.OutByFailure;
                if (eligible && state.Health.Phase != InstancePhase.Serving && (first is null || state.Health.Until < first.Health.Until))
                {
                    first = state;
                }
            }

            if (first is null || (serving > 0 && byFailure <= MostByFailure(all.Length)))
            {
                return;
            }

            first.Health.Return(_clock.GetTimestamp());
            early.Add(first);
        }
    }

    private ReadOnlySpan<InstanceState> OfferDue()
    {
        lock (_gate)
        {
            var now = _clock.GetTimestamp();
            if (now < _view.NextReturn)
            {
                return _view.Candidates;
            }

            foreach (var state in _view.All)
            {
                if (state.Health is { Phase: InstancePhase.Ejected or InstancePhase.Probing } && state.Health.Until <= now)
                {
                    state.Health.Offer();
                }
            }

            Publish(_view.All);
            return _view.Candidates;
        }
    }

    private void Publish(InstanceState[] all)
    {
        var next = long.MaxValue;
        var candidates = new List<InstanceState>(all.Length);
        foreach (var state in all)
        {
            if (state.Health.Phase is InstancePhase.Serving or InstancePhase.Returning)
            {
                candidates.Add(state);
            }
            else
            {
                next = Math.Min(next, state.Health.Until);
            }
        }

        _view = new View(all, candidates.Count == all.Length ? all : [.. candidates], next);
    }

    /// <summary>Walks both lists in the order of ids.</summary>
    private static InstanceState[] Merge(InstanceState[] old, ImmutableArray<ServiceInstance> instances, List<InstanceState> removed)
    {
        var all = new InstanceState[instances.Length];
        var o = 0;
        for (var i = 0; i < all.Length; i++)
        {
            var instance = instances[i];
            while (o < old.Length && string.CompareOrdinal(old[o].Instance.Id, instance.Id) < 0)
            {
                removed.Add(old[o++]);
            }

            var known = o < old.Length && old[o].Instance.Id == instance.Id ? old[o++] : null;
            if (known is not null && known.Instance.Version == instance.Version && known.Instance.Addresses.SequenceEqual(instance.Addresses))
            {
                known.Instance = instance;
                all[i] = known;
                continue;
            }

            if (known is not null)
            {
                removed.Add(known);
            }

            all[i] = new InstanceState(instance);
            all[i].Health.IsMember = true;
        }

        removed.AddRange(old.AsSpan(o));
        return all;
    }

    /// <summary>Snapshots are ordered; one that is not must cost a sort, not every connection.</summary>
    private static ImmutableArray<ServiceInstance> Ordered(ImmutableArray<ServiceInstance> instances)
    {
        for (var i = 1; i < instances.Length; i++)
        {
            if (string.CompareOrdinal(instances[i - 1].Id, instances[i].Id) > 0)
            {
                return instances.Sort(static (a, b) => string.CompareOrdinal(a.Id, b.Id));
            }
        }

        return instances;
    }

    private int MostByFailure(int count) => (int)(count * _options.MaxFailureShare);

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * _clock.TimestampFrequency);

    /// <param name="All">All instances.</param>
    /// <param name="Candidates">Those that take calls.</param>
    /// <param name="NextReturn">When the next of the others comes back by itself.</param>
    private sealed record View(InstanceState[] All, InstanceState[] Candidates, long NextReturn);
}
