using System.Buffers;

namespace Micro.Codecs;

/// <summary>
/// <see cref="NoMessage"/> in every content type: writes <c>{}</c> in JSON and nothing elsewhere, accepts either everywhere, so that
/// <c>curl -d ''</c> and <c>curl -d '{}'</c> both work.
/// </summary>
internal sealed class NoMessageCodec : IMessageCodec<NoMessage>
{
    private readonly bool _json;

    private NoMessageCodec(bool json) => _json = json;

    public static NoMessageCodec Json { get; } = new(json: true);

    public static NoMessageCodec Empty { get; } = new(json: false);

    public void Encode(NoMessage message, IBufferWriter<byte> writer)
    {
        if (_json)
        {
            writer.Write("{}"u8);
        }
    }

    public NoMessage Decode(in ReadOnlySequence<byte> payload)
    {
        // A state for each brace; white space (RFC 8259 §2) may stand anywhere.
        var braces = 0;
        foreach (var segment in payload)
        {
            foreach (var value in segment.Span)
            {
                braces = (value, braces) switch
                {
                    ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n', _) => braces,
                    ((byte)'{', 0) => 1,
                    ((byte)'}', 1) => 2,
                    _ => throw Unexpected(),
                };
            }
        }

        return braces == 1 ? throw Unexpected() : default;
    }

    private static CodecException Unexpected() => new("The method takes no message here: send nothing, or {}.");
}
