using Microsoft.CodeAnalysis;

namespace Micro.Generators.Reading;

/// <summary>A type as a codec sees it. Lives only while one contract is read: it holds symbols.</summary>
internal sealed record TypeShape(TypeShapeKind Kind)
{
    /// <summary>JSON type of a scalar.</summary>
    public string JsonType { get; init; } = "string";

    /// <summary>JSON Schema format of a scalar, or null.</summary>
    public string? Format { get; init; }

    /// <summary>Element of an array, value of a map.</summary>
    public ITypeSymbol? Element { get; init; }

    /// <summary>Key of a map.</summary>
    public ITypeSymbol? Key { get; init; }

    /// <summary>Why it is not supported and what to use instead.</summary>
    public string Reason { get; init; } = "";

    public static TypeShape Unsupported(string reason) => new(TypeShapeKind.Unsupported) { Reason = reason };
}
