using Micro.Discovery;
using Micro.LoadBalancing;

namespace Micro.Tests.LoadBalancing;

public sealed class InstanceFiltersTests
{
    private static readonly ServiceInstance One = Instance("one", "1.0.0", ("zone", "a"));
    private static readonly ServiceInstance Two = Instance("two", "2.0.0", ("zone", "b"), ("canary", ""));
    private static readonly ServiceInstance Unversioned = Instance("three", null);

    [Fact]
    public void L06_Instances_can_be_filtered_by_version()
    {
        Assert.Equal([Two], Kept(InstanceFilters.Version("2.0.0")));
        Assert.Equal([Unversioned], Kept(InstanceFilters.Version("latest")));
        Assert.Empty(Kept(InstanceFilters.Version("2.0")));
        Assert.Empty(Kept(InstanceFilters.Version("LATEST")));
    }

    [Fact]
    public void L06_Instances_can_be_filtered_by_a_metadata_label()
    {
        Assert.Equal([One], Kept(InstanceFilters.Metadata("zone", "a")));
        Assert.Equal([Two], Kept(InstanceFilters.Metadata("canary", "")));
        Assert.Empty(Kept(InstanceFilters.Metadata("zone", "A")));
        Assert.Empty(Kept(InstanceFilters.Metadata("region", "a")));
    }

    [Fact]
    public void L07_A_null_version_passes_all() => Assert.Equal([One, Two, Unversioned], Kept(InstanceFilters.Version(null)));

    private static ServiceInstance[] Kept(Func<ServiceInstance, bool> filter) => [.. new[] { One, Two, Unversioned }.Where(filter)];

    private static ServiceInstance Instance(string id, string? version, params (string Name, string Value)[] metadata) =>
        new("orders", id, [new Uri("inproc://x")], version, metadata.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)));
}
