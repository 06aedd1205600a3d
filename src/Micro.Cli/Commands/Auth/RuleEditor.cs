using Micro.Security;

namespace Micro.Cli.Commands.Auth;

/// <summary>A file of rules: read whole, checked as services check it, and replaced in one step, by one process at a time.</summary>
internal sealed class RuleEditor(string path, MicroSecurityOptions options)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>The rules; none when there is no file.</summary>
    /// <exception cref="RuleException">It cannot be used.</exception>
    public IReadOnlyList<CallRule> Read() => File.Exists(Path) ? Check(RuleFile.Parse(Path, RuleFile.ReadBytes(Path))) : [];

    /// <exception cref="ToolException">There is one of that id.</exception>
    /// <exception cref="RuleException">The rule, or the file, cannot be used.</exception>
    public void Add(CallRule rule, CancellationToken cancellationToken) => Change(
        rules => rules.Any(one => one.Id == rule.Id) ? throw ToolException.NotDone($"There is a rule '{rule.Id}' in {Path} already.") : [.. rules, rule],
        cancellationToken);

    /// <returns>How many rules are left.</returns>
    /// <exception cref="ToolException">There is none of that id.</exception>
    public int Remove(string id, CancellationToken cancellationToken) => Change(
        rules => rules.Any(one => one.Id == id) ? [.. rules.Where(one => one.Id != id)] : throw ToolException.NotDone($"There is no rule '{id}' in {Path}."),
        cancellationToken);

    private int Change(Func<IReadOnlyList<CallRule>, IReadOnlyList<CallRule>> change, CancellationToken cancellationToken)
    {
        try
        {
            using var turn = FileLock.Take(Path + ".lock", Patience, cancellationToken);
            var changed = Check(change(Read()));
            RuleFile.Write(Path, changed);
            return changed.Count;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ToolException.Usage($"The file '{Path}' cannot be written: {e.Message}", e);
        }
    }

    private IReadOnlyList<CallRule> Check(IReadOnlyList<CallRule> rules)
    {
        foreach (var rule in rules)
        {
            if (CompiledRule.TryCompile(rule, options.TrustDomain, options.Namespace, out _) is { } wrong)
            {
                throw new RuleException(Path, rule.Id, wrong.Field, $"it has to be {wrong.Allowed}");
            }
        }

        return rules.GroupBy(rule => rule.Id).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new RuleException(Path, twice.Key, nameof(CallRule.Id), "two rules have it; every rule needs its own")
            : rules;
    }
}
