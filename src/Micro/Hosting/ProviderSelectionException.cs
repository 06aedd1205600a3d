namespace Micro.Hosting;

/// <summary>The provider of a feature cannot be chosen: an unknown name, several candidates and no choice, or two with one name. The message lists the names.</summary>
public sealed class ProviderSelectionException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="key">Configuration key of the choice, e.g. <c>Micro:Discovery:Provider</c>.</param>
    /// <param name="reason">What is wrong.</param>
    /// <param name="names">The candidates.</param>
    public ProviderSelectionException(string key, string reason, IReadOnlyList<string> names)
        : base($"{key}: {reason}. Candidates: {string.Join(", ", names)}.")
    {
        Key = key;
        Names = names;
    }

    /// <summary>Configuration key of the choice.</summary>
    public string Key { get; }

    /// <summary>The candidates.</summary>
    public IReadOnlyList<string> Names { get; }
}
