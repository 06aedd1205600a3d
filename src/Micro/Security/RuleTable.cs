namespace Micro.Security;

/// <summary>The rules about one resource, by caller. Finds the deciding one in as many look-ups as there are shapes of caller patterns.</summary>
internal sealed class RuleTable
{
    private readonly Dictionary<string, ScopeRules> _byCaller = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ScopeRules>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly List<CallerShape> _shapes = [];
    private ScopeRules? _anyCaller;
    private bool _hasExact;

    public RuleTable(IEnumerable<CompiledRule> inOrder)
    {
        _lookup = _byCaller.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var rule in inOrder)
        {
            Count += Add(rule) ? 1 : 0;
        }
    }

    /// <summary>Rules that can decide.</summary>
    public int Count { get; }

    public CompiledRule? Best(Caller caller)
    {
        var best = _anyCaller?.Best(caller, null);
        return caller.Identity is null || Count == 0 ? best : BestFor(caller, caller.Identity.ToString(), best);
    }

    private CompiledRule? BestFor(Caller caller, string id, CompiledRule? best)
    {
        if (_hasExact && _byCaller.TryGetValue(id, out var exact))
        {
            best = exact.Best(caller, best);
        }

        if (_shapes.Count > 0)
        {
            // A wildcard is never longer than what it stands for, but for a prefix that is all of its segment.
            Span<char> text = stackalloc char[id.Length + 1];
            foreach (var shape in _shapes)
            {
                if (shape.Write(id, text) is > 0 and var length && _lookup.TryGetValue(text[..length], out var found))
                {
                    best = found.Best(caller, best);
                }
            }
        }

        return best;
    }

    private bool Add(CompiledRule rule)
    {
        if (rule.Caller.Text is not { } text)
        {
            return (_anyCaller ??= new()).TryAdd(rule);
        }

        if (!_byCaller.TryGetValue(text, out var scopes))
        {
            _byCaller.Add(text, scopes = new());
            _hasExact |= rule.Caller.Shape is null;
            if (rule.Caller.Shape is { } shape && !_shapes.Contains(shape))
            {
                _shapes.Add(shape);
            }
        }

        return scopes.TryAdd(rule);
    }
}
