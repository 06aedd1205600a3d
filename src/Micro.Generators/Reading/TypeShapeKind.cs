namespace Micro.Generators.Reading;

/// <summary>What a type is to a codec.</summary>
internal enum TypeShapeKind
{
    /// <summary>A JSON string, number or boolean.</summary>
    Scalar,
    Enum,
    Array,
    Map,
    Object,

    /// <summary>A generated protobuf message.</summary>
    Protobuf,

    /// <summary>Carried, but its shape cannot be seen from here: it has a converter, or belongs to the platform.</summary>
    Opaque,

    /// <summary>A stream, which is no message.</summary>
    Stream,
    Unsupported,
}
