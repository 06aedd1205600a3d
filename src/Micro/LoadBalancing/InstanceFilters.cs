using Micro.Discovery;

namespace Micro.LoadBalancing;

/// <summary>Conditions on instances, for clients that may call only some of them. The functions are pure and thread-safe.</summary>
public static class InstanceFilters
{
    private static readonly Func<ServiceInstance, bool> Everything = _ => true;

    /// <summary>Only instances of a version, compared by ordinal; null lets all pass.</summary>
    public static Func<ServiceInstance, bool> Version(string? version) =>
        version is null ? Everything : instance => string.Equals(instance.Version, version, StringComparison.Ordinal);

    /// <summary>Only instances whose metadata have this value under this name, both compared by ordinal.</summary>
    public static Func<ServiceInstance, bool> Metadata(string name, string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(value);
        return instance => instance.Metadata.TryGetValue(name, out var actual) && string.Equals(actual, value, StringComparison.Ordinal);
    }
}
