namespace Micro.Hosting.Health;

/// <summary>What a failing check of a dependency means for the process.</summary>
public sealed class DependencyCheckOptions
{
    /// <summary>
    /// True, the default: without the dependency the process cannot do its work; it is not ready, and leaves discovery until the check passes. False: it works on,
    /// and its health is degraded.
    /// </summary>
    public bool Critical { get; set; } = true;

    /// <summary>How long the check may take; longer is a failure. Default 2 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);
}
