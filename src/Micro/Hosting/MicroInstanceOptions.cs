namespace Micro.Hosting;

/// <summary>How this process registers its services. Bound from <c>Micro</c>.</summary>
public sealed class MicroInstanceOptions
{
    /// <summary>Version the instances are registered with. Default <c>latest</c>.</summary>
    public string Version { get; set; } = "latest";

    /// <summary>Metadata the instances are registered with. Default: none.</summary>
    public IDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();

    /// <summary>
    /// What happens when the registry is away at start. False, the default: the host does not start. True: the process goes on without being found, not ready,
    /// and registers when the registry is back.
    /// </summary>
    public bool StartWithoutRegistry { get; set; }

    /// <summary>
    /// How often the health checks tagged <c>ready</c> decide whether the instances stay registered, and how long they may take to answer. Default 5 s; above zero.
    /// </summary>
    public TimeSpan HealthInterval { get; set; } = TimeSpan.FromSeconds(5);
}
