namespace Micro.Codecs;

/// <summary>A form as a tree: what was sent for one name, either values or members. Both at once are refused where they are used.</summary>
internal sealed class FormNode(FormNode? parent, string key)
{
    private List<string>? _values;
    private List<FormNode>? _members;

    public string Key { get; } = key;

    public IReadOnlyList<string> Values => _values ?? [];

    /// <summary>In the order of the form.</summary>
    public IReadOnlyList<FormNode> Members => _members ?? [];

    /// <summary>The whole name, for errors. Built when it is asked for: a hostile form has many names and no reader.</summary>
    public override string ToString()
    {
        var name = parent is { Key: not "" } ? $"{parent}.{Key}" : Key;
        return name.Length > 100 ? name[..100] + "…" : name;
    }

    public void Add(string value) => (_values ??= new(1)).Add(value);

    public FormNode Add(FormNode member)
    {
        (_members ??= new(1)).Add(member);
        return member;
    }

    // Forms are limited to a few hundred names, mostly of different lengths, so that looking through them is no quadratic trap.
    public FormNode? Find(string key)
    {
        foreach (var member in Members)
        {
            if (member.Key == key)
            {
                return member;
            }
        }

        return null;
    }
}
