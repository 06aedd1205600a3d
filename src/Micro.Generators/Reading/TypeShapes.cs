using Microsoft.CodeAnalysis;

namespace Micro.Generators.Reading;

/// <summary>Tells what a type is to a codec.</summary>
internal static class TypeShapes
{
    private const string Json = "System.Text.Json.Serialization.";

    /// <summary>Types, by base, that mean something in one process only.</summary>
    private static readonly (string Base, string Reason)[] Local =
    [
        ("System.Delegate", "a delegate is code of one process; send what it is to do as a value"),
        ("System.IO.Stream", "a stream belongs to one process; send byte[], or IAsyncEnumerable<T> of chunks"),
        ("System.Type", "a type name from the wire must not choose a type; send an enum or a string"),
        ("System.Reflection.MemberInfo", "a type name from the wire must not choose a type; send an enum or a string"),
        ("System.Reflection.Assembly", "code is not sent; send a name"),
        ("System.Threading.Tasks.Task", "a task belongs to one process; send its result"),
        ("System.Threading.Tasks.ValueTask", "a task belongs to one process; send its result"),
        ("System.Threading.Tasks.ValueTask`1", "a task belongs to one process; send its result"),
        ("System.Threading.CancellationToken", "cancellation travels with the call; make it the method's last parameter"),
        ("System.Exception", "an exception is not a value; throw CallException, or send its code and message"),
        ("Micro.CallContext", "it belongs to one call; make it the method's last parameter"),
    ];

    private static readonly string[] Streams = ["System.Collections.Generic.IAsyncEnumerable`1", "System.IObservable`1"];

    /// <summary>Shape of a type; of what stands in it when it is <c>Nullable&lt;T&gt;</c>.</summary>
    public static TypeShape Of(ITypeSymbol type, JsonProfile profile) => type.Unwrapped() switch
    {
        IArrayTypeSymbol { Rank: > 1 } => TypeShape.Unsupported("an array of several dimensions; use an array of arrays"),
        IArrayTypeSymbol { ElementType.SpecialType: SpecialType.System_Byte } => new(TypeShapeKind.Scalar) { Format = Scalars.Base64 },
        IArrayTypeSymbol array => new(TypeShapeKind.Array) { Element = array.ElementType },
        IPointerTypeSymbol or IFunctionPointerTypeSymbol => TypeShape.Unsupported("a pointer means nothing in another process; send the value"),
        IDynamicTypeSymbol => TypeShape.Unsupported("its type is not known when the code is compiled; use a concrete type, or JsonElement for any JSON"),
        { TypeKind: TypeKind.Error } => new(TypeShapeKind.Opaque),
        INamedTypeSymbol named => OfNamed(named, profile),
        _ => TypeShape.Unsupported("its type is not known when the code is compiled; use a concrete type"),
    };

    private static TypeShape OfNamed(INamedTypeSymbol type, JsonProfile profile) =>
        Scalars.Of(type) ?? Refused(type, profile) ?? Described(type) ?? Collection(type) ?? Composite(type);

    private static TypeShape? Refused(INamedTypeSymbol type, JsonProfile profile)
    {
        if (type.SpecialType == SpecialType.System_Object)
        {
            return TypeShape.Unsupported("its type is not known when the code is compiled; use a concrete type, or JsonElement for any JSON");
        }

        if (type.SpecialType is SpecialType.System_IntPtr or SpecialType.System_UIntPtr)
        {
            return TypeShape.Unsupported("its size depends on the machine; use long");
        }

        if (type.IsRefLikeType)
        {
            return TypeShape.Unsupported("a ref struct lives on one stack; use an array or ReadOnlyMemory<byte>");
        }

        if (type.IsTupleType && !profile.IncludeFields)
        {
            return TypeShape.Unsupported("the fields of a tuple have no names on the wire; use a record");
        }

        if (Streams.Any(stream => type.Implements(stream) is not null) || type.IsOrDerivesFrom("System.Threading.Channels.ChannelReader`1"))
        {
            return new TypeShape(TypeShapeKind.Stream);
        }

        var local = Local.FirstOrDefault(entry => type.IsOrDerivesFrom(entry.Base));
        return local.Reason is null ? null : TypeShape.Unsupported(local.Reason);
    }

    /// <summary>Types that say themselves how they are carried.</summary>
    private static TypeShape? Described(INamedTypeSymbol type)
    {
        if (type.IsProtobuf())
        {
            return new TypeShape(TypeShapeKind.Protobuf);
        }

        if (type.TypeKind == TypeKind.Enum)
        {
            return new TypeShape(TypeShapeKind.Enum);
        }

        return type.Has(Json + "JsonConverterAttribute") ? new TypeShape(TypeShapeKind.Opaque) : null;
    }

    private static TypeShape? Collection(INamedTypeSymbol type)
    {
        var map = type.Implements("System.Collections.Generic.IDictionary`2") ?? type.Implements("System.Collections.Generic.IReadOnlyDictionary`2");
        if (map is not null)
        {
            return new TypeShape(TypeShapeKind.Map) { Key = map.TypeArguments[0], Element = map.TypeArguments[1] };
        }

        if (type.Implements("System.Collections.Generic.IEnumerable`1") is { } list && (type.TypeKind != TypeKind.Interface || IsPlatform(type)))
        {
            return new TypeShape(TypeShapeKind.Array) { Element = list.TypeArguments[0] };
        }

        return type.Implements("System.Collections.IEnumerable") is not null
            ? TypeShape.Unsupported("the type of its elements is not known; use List<T> or an array")
            : null;
    }

    private static TypeShape Composite(INamedTypeSymbol type)
    {
        var polymorphic = type.Has(Json + "JsonPolymorphicAttribute") || type.Has(Json + "JsonDerivedTypeAttribute");
        if (type.TypeKind == TypeKind.Interface && !polymorphic)
        {
            return TypeShape.Unsupported("the receiver does not know which class to make; use a record, or name the classes with [JsonDerivedType]");
        }

        if (type is { TypeKind: TypeKind.Class, IsAbstract: true } && !polymorphic)
        {
            return TypeShape.Unsupported("an abstract class cannot be made by the receiver; use a record, or name the classes with [JsonDerivedType]");
        }

        return new TypeShape(IsPlatform(type) && !type.Is("System.Collections.Generic.KeyValuePair`2") ? TypeShapeKind.Opaque : TypeShapeKind.Object);
    }

    /// <summary>What is inside the platform's types is not a matter of the contract.</summary>
    private static bool IsPlatform(INamedTypeSymbol type)
    {
        var space = type.ContainingNamespace?.ToDisplayString() ?? "";
        return space == "System" || space.StartsWith("System.", StringComparison.Ordinal);
    }
}
