using CsCheck;
using Micro.Codecs;
using Micro.Testing.Codecs;

namespace Micro.Tests.Codecs;

public sealed class BytesCodecTests : CodecConformance<byte[]>
{
    protected override ICodec CreateCodec() => new BytesCodec();

    protected override Gen<byte[]> Messages => Gen.Byte.Array[0, 100];

    protected override IReadOnlyList<byte[]> Edges => [[1, 2, 3], [], [0], [255], new byte[100_000]];

    protected override IReadOnlyList<byte[]> Malformed => [];

    protected override bool AreEqual(byte[] expected, byte[] actual) => expected.AsSpan().SequenceEqual(actual);

    [Fact]
    public void E21_A_frame_passes_as_it_is()
    {
        byte[] frame = [0, 0, 0, 0, 2, 0x0a, 0x00];

        Assert.Equal(frame, Encode(Codec, frame));
        Assert.Equal(frame, Decode(Codec, frame));
    }

    [Fact]
    public void E20_Only_bytes_are_carried()
    {
        Assert.Null(CreateCodec().For<sbyte[]>());
        Assert.Null(CreateCodec().For<string>());
        Assert.Null(CreateCodec().For<Memory<byte>>());
    }
}

public sealed class MemoryCodecTests : CodecConformance<ReadOnlyMemory<byte>>
{
    protected override ICodec CreateCodec() => new BytesCodec();

    protected override Gen<ReadOnlyMemory<byte>> Messages => Gen.Byte.Array[0, 100].Select(bytes => new ReadOnlyMemory<byte>(bytes));

    protected override IReadOnlyList<ReadOnlyMemory<byte>> Edges => [new byte[] { 1, 2, 3 }, ReadOnlyMemory<byte>.Empty, new byte[] { 1, 2, 3, 4 }.AsMemory(1, 2)];

    protected override IReadOnlyList<byte[]> Malformed => [];

    protected override bool AreEqual(ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> actual) => expected.Span.SequenceEqual(actual.Span);
}
