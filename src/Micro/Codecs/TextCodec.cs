using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Micro.Codecs;

/// <summary>UTF-8 text: carries <see cref="string"/> only, byte for byte, without a byte order mark. Nothing is replaced: what is not text is refused.</summary>
internal sealed class TextCodec : ICodec, IMessageCodec<string>
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public string ContentType => ContentTypes.Text;

    public IMessageCodec<T>? For<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>() => this as IMessageCodec<T>;

    public void Encode(string message, IBufferWriter<byte> writer)
    {
        if (message is null)
        {
            throw new CodecException("Null is not a message of type String.");
        }

        try
        {
            Strict.GetBytes(message, writer);
        }
        catch (EncoderFallbackException error)
        {
            throw new CodecException($"Text with a lone surrogate (character {error.Index + 1}) cannot be encoded.", error);
        }
    }

    public string Decode(in ReadOnlySequence<byte> payload)
    {
        try
        {
            return Strict.GetString(payload);
        }
        catch (DecoderFallbackException error)
        {
            throw new CodecException("The text is not valid UTF-8.", error);
        }
    }
}
