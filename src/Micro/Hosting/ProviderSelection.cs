namespace Micro.Hosting;

/// <summary>The rule by which a feature's provider is chosen; the same for every feature.</summary>
internal static class ProviderSelection
{
    /// <summary>Returns the name of the chosen candidate, spelled as the candidate spells it.</summary>
    /// <param name="key">Configuration key of the choice, for messages.</param>
    /// <param name="configured">Its value; names compare without regard to case.</param>
    /// <param name="builtIn">Candidates that are always there.</param>
    /// <param name="added">Candidates of packages.</param>
    /// <param name="fallback">Taken when nothing is configured and nothing added.</param>
    public static string Choose(string key, string? configured, IReadOnlyList<string> builtIn, IReadOnlyList<string> added, string fallback)
    {
        string[] names = [.. builtIn, .. added];
        var twice = names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
        {
            throw new ProviderSelectionException(key, $"there are {twice.Count()} providers named '{twice.Key}'; remove one of them", names);
        }

        if (!string.IsNullOrWhiteSpace(configured))
        {
            return names.FirstOrDefault(name => name.Equals(configured.Trim(), StringComparison.OrdinalIgnoreCase))
                ?? throw new ProviderSelectionException(key, $"there is no provider '{configured}'", names);
        }

        return added.Count switch
        {
            0 => fallback,
            1 => added[0],
            _ => throw new ProviderSelectionException(key, "several providers were added and none is chosen", names),
        };
    }
}
