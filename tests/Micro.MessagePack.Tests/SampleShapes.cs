using Micro.Testing.Codecs;
using Nerdbank.MessagePack;
using PolyType;

namespace Micro.MessagePack.Tests;

[GenerateShapeFor(typeof(CodecSample))]
[GenerateShapeFor(typeof(Compact))]
[GenerateShapeFor(typeof(Positional))]
[GenerateShapeFor(typeof(Wrapper))]
[GenerateShapeFor(typeof(Untyped))]
[GenerateShapeFor(typeof(Shape))]
[GenerateShapeFor(typeof(Percentage))]
[GenerateShapeFor(typeof(long))]
[GenerateShapeFor(typeof(ulong))]
[GenerateShapeFor(typeof(bool))]
[GenerateShapeFor(typeof(float))]
[GenerateShapeFor(typeof(double))]
[GenerateShapeFor(typeof(string))]
[GenerateShapeFor(typeof(byte[]))]
[GenerateShapeFor(typeof(List<int>))]
[GenerateShapeFor(typeof(Dictionary<string, int>))]
[GenerateShapeFor(typeof(DateTime))]
internal sealed partial class SampleShapes;

internal sealed record Compact(bool IsCompact, int SchemaNumber);

internal sealed record Positional([property: Key(0)] string Name, [property: Key(1)] int Count);

internal sealed record Wrapper
{
    public RawMessagePack Raw { get; init; }

    public ReadOnlyMemory<byte> Memory { get; init; }
}

internal sealed record Untyped
{
    public object? Anything { get; init; }
}

[DerivedTypeShape(typeof(Circle), Tag = 1)]
internal abstract record Shape;

internal sealed record Circle(double Radius) : Shape;

internal sealed record Percentage
{
    public Percentage(int value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 100);
        Value = value;
    }

    public int Value { get; }
}
