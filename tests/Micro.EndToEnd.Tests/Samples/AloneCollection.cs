namespace Micro.EndToEnd.Tests.Samples;

/// <summary>Many processes on a small machine: nothing else runs meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
