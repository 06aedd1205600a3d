namespace Micro.Generators.Models;

/// <summary>One method of a contract, as text ready to be written. Types are fully qualified and carry their nullability.</summary>
internal sealed record MethodModel
{
    /// <summary>C# name, escaped where it is a keyword.</summary>
    public required string Name { get; init; }

    public required string WireName { get; init; }

    /// <summary>The interface that declares it: the contract or one it inherits.</summary>
    public required string DeclaringType { get; init; }

    public required MethodShape Shape { get; init; }

    public required ResultShape Result { get; init; }

    public required string ReturnType { get; init; }

    public required string RequestType { get; init; }

    public required string ResponseType { get; init; }

    /// <summary>Type of the parameter that carries the request; null when the method takes none.</summary>
    public required string? RequestParameterType { get; init; }

    public required LastParameter Last { get; init; }

    public required string? LastParameterType { get; init; }

    public required bool Idempotent { get; init; }

    /// <summary>Who may and may not call: what allows first, each in source order.</summary>
    public required EquatableArray<RuleModel> Rules { get; init; }

    /// <summary>Expression over <c>request</c>; null when there is no route key.</summary>
    public required string? RouteKey { get; init; }

    public required string RequestSchema { get; init; }

    public required string ResponseSchema { get; init; }

    public required string? Summary { get; init; }
}
