using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using CsCheck;
using Micro.Codecs;
using Xunit;

namespace Micro.Testing.Codecs;

/// <summary>
/// What every codec must do, whatever its format: give back what it was given, and answer hostile bytes with a value or a <see cref="CodecException"/>.
/// A codec of structured messages subclasses <see cref="StructuredCodecConformance{T}"/> instead.
/// </summary>
/// <typeparam name="T">A message type the codec carries, with as many kinds of members as the format has.</typeparam>
public abstract class CodecConformance<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>
{
    private const int Mutations = 4000;
    private const int Slack = 1 << 20;

    /// <summary>Makes the codec under test.</summary>
    protected abstract ICodec CreateCodec();

    /// <summary>Random messages; floats should include NaN where the format has it.</summary>
    protected abstract Gen<T> Messages { get; }

    /// <summary>Messages at the edges: extreme numbers, empty and absent members, every kind of time.</summary>
    protected abstract IReadOnlyList<T> Edges { get; }

    /// <summary>Bytes the codec must refuse, beside those of other members: nothing at all, half a message, something after the message.</summary>
    protected abstract IReadOnlyList<byte[]> Malformed { get; }

    /// <summary>Whether a message is the same as before. Default: its own equality.</summary>
    protected virtual bool AreEqual(T expected, T actual) => EqualityComparer<T>.Default.Equals(expected, actual);

    /// <summary>The codec of <typeparamref name="T"/>.</summary>
    protected IMessageCodec<T> Codec =>
        CreateCodec().For<T>() ?? throw new InvalidOperationException($"The codec does not carry {typeof(T)}.");

    /// <summary>Content types are compared as text, so there is one spelling.</summary>
    [Fact]
    public void COD_7_The_content_type_is_canonical()
    {
        var contentType = CreateCodec().ContentType;

        Assert.True(ContentTypes.TryParse(contentType, out var canonical));
        Assert.Equal(canonical, contentType);
        Assert.NotEmpty(contentType);
    }

    /// <summary>decode(encode(x)) is x, from several threads at once.</summary>
    [Fact]
    public void COD_1_Random_messages_come_back()
    {
        var codec = Codec;
        Messages.Sample(message => AreEqual(message, Decode(codec, Encode(codec, message))), iter: 500);
    }

    /// <summary>decode(encode(x)) is x at the edges.</summary>
    [Fact]
    public void COD_1_Edges_come_back()
    {
        var codec = Codec;
        foreach (var message in Edges)
        {
            var bytes = Encode(codec, message);
            Assert.True(AreEqual(message, Decode(codec, bytes)), $"{message} came back changed from {Convert.ToHexString(bytes)}.");
        }
    }

    /// <summary>A transport may deliver a payload in any number of pieces.</summary>
    [Fact]
    public void COD_1_A_payload_in_pieces_is_the_same_message()
    {
        var codec = Codec;
        var message = Edges[0];
        var bytes = Encode(codec, message);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.True(AreEqual(message, codec.Decode(HostileBytes.InPieces(bytes, cut))), $"Cut at {cut} of {bytes.Length}.");
        }
    }

    /// <summary>The payload's memory is reused as soon as decoding returns.</summary>
    [Fact]
    public void COD_1_Nothing_of_the_payload_is_kept()
    {
        var codec = Codec;
        foreach (var message in Edges)
        {
            var bytes = Encode(codec, message);
            var decoded = Decode(codec, bytes);
            bytes.AsSpan().Fill(0x5a);
            Assert.True(AreEqual(message, decoded), $"{message} changed with the payload's memory.");
        }
    }

    /// <summary>Encoding appends: a transport writes its frame header first.</summary>
    [Fact]
    public void COD_1_Encoding_keeps_what_was_written_before()
    {
        var codec = Codec;
        var writer = new ArrayBufferWriter<byte>();
        writer.Write("frame"u8);
        codec.Encode(Edges[0], writer);

        Assert.Equal("frame"u8, writer.WrittenSpan[..5]);
        Assert.True(AreEqual(Edges[0], Decode(codec, writer.WrittenSpan[5..].ToArray())));
    }

    /// <summary>There is no null message in any format.</summary>
    [Fact]
    public void COD_1_A_null_message_is_refused()
    {
        if (default(T) is null)
        {
            Assert.Throws<CodecException>(() => Codec.Encode(default!, new ArrayBufferWriter<byte>()));
        }
        else
        {
            // A struct has no null; its default is a message like any other.
            Assert.True(AreEqual(default!, Decode(Codec, Encode(Codec, default!))));
        }
    }

    /// <summary>Mutations of valid messages: seeded, so that a failure comes again.</summary>
    [Fact]
    public void COD_2_Mutated_messages_give_a_value_or_a_CodecException()
    {
        var codec = Codec;
        var originals = Edges.Select(message => Encode(codec, message)).ToArray();
        for (var seed = 1; seed <= Mutations; seed++)
        {
            DecodeHostile(codec, HostileBytes.Mutate(originals, seed), $"seed {seed}");
        }
    }

    /// <summary>Prefixes of valid messages: all of the first few hundred, then some.</summary>
    [Fact]
    public void COD_2_Truncated_messages_give_a_value_or_a_CodecException()
    {
        var codec = Codec;
        foreach (var message in Edges)
        {
            var bytes = Encode(codec, message);
            for (var length = 0; length < bytes.Length; length += 1 + (length / 300))
            {
                DecodeHostile(codec, bytes[..length], $"{length} of {bytes.Length}");
            }
        }
    }

    /// <summary>Bytes without any structure.</summary>
    [Fact]
    public void COD_2_Random_bytes_give_a_value_or_a_CodecException()
    {
        var codec = Codec;
        Gen.Byte.Array[0, 256].Sample(bytes => { DecodeHostile(codec, bytes, "random"); }, iter: 2000);
    }

    /// <summary>What the format's own tests call malformed.</summary>
    [Fact]
    public void COD_2_Malformed_messages_are_refused()
    {
        var codec = Codec;
        foreach (var bytes in Malformed)
        {
            AssertRefused(codec, bytes);
        }
    }

    /// <summary>Encodes into a new array.</summary>
    protected static byte[] Encode(IMessageCodec<T> codec, T message)
    {
        ArgumentNullException.ThrowIfNull(codec);
        var writer = new ArrayBufferWriter<byte>();
        codec.Encode(message, writer);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Decodes an array.</summary>
    protected static T Decode(IMessageCodec<T> codec, byte[] payload)
    {
        ArgumentNullException.ThrowIfNull(codec);
        return codec.Decode(new ReadOnlySequence<byte>(payload));
    }

    /// <summary>Decodes bytes of an enemy: passes with a value or a <see cref="CodecException"/> within 10 times the input and 1 MiB of memory.</summary>
    /// <returns>Whether there was a value.</returns>
    protected static bool DecodeHostile(IMessageCodec<T> codec, byte[] payload, string what)
    {
        ArgumentNullException.ThrowIfNull(codec);
        ArgumentNullException.ThrowIfNull(payload);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var decoded = true;
        try
        {
            codec.Decode(new ReadOnlySequence<byte>(payload));
        }
        catch (CodecException)
        {
            decoded = false;
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"{what} let {error.GetType()} out: {Show(payload)}", error);
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated <= (10L * payload.Length) + Slack, $"{what} allocated {allocated} bytes: {Show(payload)}");
        return decoded;
    }

    /// <summary>The bytes must be refused, within the limits of <see cref="DecodeHostile"/>.</summary>
    protected static void AssertRefused(IMessageCodec<T> codec, byte[] payload) =>
        Assert.False(DecodeHostile(codec, payload, "malformed"), $"Not refused: {Show(payload)}");

    private static string Show(byte[] payload) => Convert.ToHexString(payload.AsSpan(0, Math.Min(payload.Length, 200)));
}
