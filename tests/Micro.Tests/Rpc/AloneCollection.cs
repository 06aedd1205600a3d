namespace Micro.Tests.Rpc;

/// <summary>Tests that look at something the whole process shares: listeners, the heap, the pool of threads. Nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
