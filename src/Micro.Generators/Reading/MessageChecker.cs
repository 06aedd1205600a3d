using Microsoft.CodeAnalysis;

namespace Micro.Generators.Reading;

/// <summary>Looks through a message for what no codec can carry.</summary>
internal sealed class MessageChecker(ContractScope scope, ISymbol at, string method)
{
    private static readonly HashSet<string> Keys = new(StringComparer.Ordinal)
    {
        "System.Guid", "System.DateTime", "System.DateTimeOffset", "System.DateOnly", "System.TimeOnly", "System.TimeSpan", "System.Uri", "System.Version",
    };

    private readonly HashSet<ITypeSymbol> _seen = new(SymbolEqualityComparer.Default);

    /// <summary>Reports everything in the type that cannot be carried; true when there is nothing.</summary>
    /// <param name="name">What the message is called in the method: a parameter's name or "the result".</param>
    /// <param name="type">The message.</param>
    public bool Check(string name, ITypeSymbol type)
    {
        var before = scope.Findings.Count;
        Visit(name, type);
        if (scope.Findings.Count != before)
        {
            return false;
        }

        CheckContext(name, type);
        return true;
    }

    private void Visit(string path, ITypeSymbol type)
    {
        var shape = TypeShapes.Of(type, scope.Json);
        switch (shape.Kind)
        {
            case TypeShapeKind.Unsupported:
                Report(Rules.NotCarried, path, type, shape.Reason);
                break;
            case TypeShapeKind.Stream:
                Report(Rules.NestedStream, path, type);
                break;
            case TypeShapeKind.Array:
                VisitNew(path + "[]", shape.Element!);
                break;
            case TypeShapeKind.Map:
                VisitKey(path, shape.Key!);
                VisitNew(path + "[]", shape.Element!);
                break;
            case TypeShapeKind.Object:
                VisitMembers(type.Unwrapped());
                break;
        }
    }

    private void VisitNew(string path, ITypeSymbol type)
    {
        // What is wrong with a type that has members is said of the members, once; anything else is said of each path it stands at.
        if (TypeShapes.Of(type, scope.Json).Kind is TypeShapeKind.Unsupported or TypeShapeKind.Stream || _seen.Add(type.Unwrapped()))
        {
            Visit(path, type);
        }
    }

    private void VisitMembers(ITypeSymbol type)
    {
        foreach (var member in JsonMembers.Of(type, scope.Json).Where(member => member.Converter is null))
        {
            VisitNew($"{type.Name}.{member.Name}", member.Type);
        }
    }

    private void VisitKey(string path, ITypeSymbol key)
    {
        var shape = TypeShapes.Of(key, scope.Json);
        var scalar = shape.Kind == TypeShapeKind.Enum || (shape.Kind == TypeShapeKind.Scalar && shape.Format != Scalars.Base64
            && (key.SpecialType != SpecialType.None || shape.JsonType != "string" || Keys.Contains(key.MetadataPath())));
        if (!scalar && shape.Kind != TypeShapeKind.Opaque)
        {
            Report(Rules.NotCarried, path + " key", key, "the key of a map is a string in JSON; use string, a number, an enum, Guid or a date");
        }
    }

    private void Report(DiagnosticDescriptor rule, string path, ITypeSymbol type, params string[] more)
    {
        if (scope.Reported.Add(path.Contains('.') ? path : method + " " + path))
        {
            scope.Report(rule, at, [path, method, type.ToReadable(), .. more]);
        }
    }

    private void CheckContext(string name, ITypeSymbol type)
    {
        if (scope.Json.Context is { } context && NeedsMetadata(type) && !scope.Json.Describes(type) && scope.Reported.Add("[JsonSerializable] " + type.ToReadable()))
        {
            scope.Report(Rules.JsonIncomplete, at, name, method, type.ToReadable(), context.ToReadable(), type.Unwrapped().WithNullableAnnotation(NullableAnnotation.None).ToReadable());
        }
    }

    /// <summary>Whether JSON needs metadata from the user for this message: text, bytes, nothing and protobuf's messages are carried without.</summary>
    public static bool NeedsMetadata(ITypeSymbol type)
    {
        var bare = type.Unwrapped();
        return !bare.IsProtobuf()
            && bare.SpecialType != SpecialType.System_String
            && !bare.Is("Micro.NoMessage")
            && !(bare is IArrayTypeSymbol { Rank: 1 } array && array.ElementType.SpecialType == SpecialType.System_Byte)
            && !(bare is INamedTypeSymbol { TypeArguments.Length: 1 } named && named.Is("System.ReadOnlyMemory`1") && named.TypeArguments[0].SpecialType == SpecialType.System_Byte);
    }
}
