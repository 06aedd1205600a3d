using Micro.LoadBalancing;

namespace Micro.Tests.LoadBalancing;

/// <summary>
/// Outlier ejection once more, as plainly as it can be said: a list that is looked through every time, without phases, snapshots or threads. Default options
/// without jitter.
/// </summary>
internal sealed class EjectionModel(IEnumerable<string> ids)
{
    private readonly SortedDictionary<string, Member> _members = new(ids.ToDictionary(id => id, _ => new Member()), StringComparer.Ordinal);
    private double _now;

    public List<string> Seen { get; } = [];

    public string Candidates => string.Join(' ', _members.Where(pair => !pair.Value.IsOut || pair.Value.Until <= _now).Select(pair => pair.Key));

    public int Count => _members.Count;

    public int OutByFailure => _members.Values.Count(member => member is { IsOut: true, ByFailure: true });

    public int Serving => _members.Values.Count(member => !member.IsOut);

    public void Pass(double seconds) => _now += seconds;

    public void Begin(string id)
    {
        if (_members.TryGetValue(id, out var member) && member.IsOut && member.Until <= _now)
        {
            member.Until = _now + 5;
            member.IsTried = true;
        }
    }

    public void Report(string id, InstanceOutcome outcome, int times)
    {
        for (var i = 0; i < times; i++)
        {
            Report(id, outcome);
        }
    }

    private void Report(string id, InstanceOutcome outcome)
    {
        if (!_members.TryGetValue(id, out var member) || outcome == InstanceOutcome.Nothing || (member.IsOut && !member.IsTried && _now < member.Until))
        {
            return;
        }

        if (outcome == InstanceOutcome.Success)
        {
            Succeed(member);
            return;
        }

        var failed = outcome == InstanceOutcome.Failure;
        if (!member.IsOut && failed && ++member.Failures < 5)
        {
            return;
        }

        var others = _members.Values.Where(other => other != member).ToList();
        if (others.Exists(other => !other.IsOut) && (!failed || (others.Count(other => other.IsOut) + 1) * 2 <= Count))
        {
            PutOut(member, failed);
        }
        else if (member.IsOut)
        {
            PutBack(member);
        }
    }

    public void Update(IReadOnlyCollection<string> ids)
    {
        foreach (var left in _members.Keys.Except(ids).ToList())
        {
            _members.Remove(left);
        }

        foreach (var id in ids)
        {
            _members.TryAdd(id, new Member());
        }

        while (Count > 0 && (Serving == 0 || OutByFailure * 2 > Count))
        {
            var nobody = Serving == 0;
            PutBack(_members.Values.Where(member => member.IsOut && (nobody || member.ByFailure)).MinBy(member => member.Until)!);
        }
    }

    private void Succeed(Member member)
    {
        if (member.IsOut)
        {
            PutBack(member);
            return;
        }

        member.Failures = 0;
        if (_now >= member.ForgivenAt)
        {
            member.TimesOut = 0;
        }
    }

    private void PutOut(Member member, bool failed)
    {
        member.Length = failed ? Math.Min(60, 5 * Math.Pow(2, member.TimesOut)) : Math.Min(30, Math.Pow(2, member.TimesOut));
        member.Until = _now + member.Length;
        (member.IsOut, member.IsTried, member.ByFailure, member.Failures) = (true, false, failed, 0);
        member.TimesOut++;
    }

    private void PutBack(Member member)
    {
        (member.IsOut, member.IsTried, member.ByFailure, member.Failures) = (false, false, false, 0);
        member.ForgivenAt = _now + member.Length;
    }

    private sealed class Member
    {
        public bool IsOut { get; set; }

        public bool IsTried { get; set; }

        public bool ByFailure { get; set; }

        public int Failures { get; set; }

        public int TimesOut { get; set; }

        public double Until { get; set; }

        public double Length { get; set; }

        public double ForgivenAt { get; set; }
    }
}
