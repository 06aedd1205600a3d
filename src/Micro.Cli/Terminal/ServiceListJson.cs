namespace Micro.Cli.Terminal;

/// <summary>What <c>micro services --json</c> writes.</summary>
internal sealed record ServiceListJson(string Registry, IReadOnlyList<ServiceListJson.Service> Services)
{
    internal sealed record Service(string Name, IReadOnlyList<Instance> Instances);

    internal sealed record Instance(string Id, string Version, IReadOnlyList<string> Addresses, IReadOnlyDictionary<string, string> Metadata);
}
