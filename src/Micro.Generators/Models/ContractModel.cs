namespace Micro.Generators.Models;

/// <summary>A contract, as text ready to be written. Holds no symbol, node or location: equal models give equal files.</summary>
internal sealed record ContractModel
{
    /// <summary>Namespace of the interface; empty for the global one.</summary>
    public required string Namespace { get; init; }

    /// <summary>Name of the interface with those of the types around it, joined by <c>_</c>.</summary>
    public required string TypeName { get; init; }

    /// <summary>The interface, fully qualified.</summary>
    public required string Type { get; init; }

    public required string Service { get; init; }

    public required string WireName { get; init; }

    /// <summary>The JSON context, fully qualified; null when the contract names none.</summary>
    public required string? Json { get; init; }

    public required EquatableArray<MethodModel> Methods { get; init; }

    /// <summary>Name of the generated file, unique in the compilation.</summary>
    public string FileName => (Namespace.Length == 0 ? TypeName : $"{Namespace}.{TypeName}").Replace("@", "") + ".g.cs";
}
