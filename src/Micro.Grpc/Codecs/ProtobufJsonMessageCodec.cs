using System.Buffers;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Micro.Codecs;

namespace Micro.Grpc.Codecs;

/// <summary>ProtoJSON of one generated class: for tools and browsers, where clarity counts more than speed.</summary>
internal sealed class ProtobufJsonMessageCodec<T>(MessageDescriptor descriptor) : IMessageCodec<T>
{
    private const int MaxDepth = 64;

    private const string UnknownField = "Unknown field: ";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // Any names its type in the message. The empty registry refuses every such name.
    private static readonly JsonParser Parser = new(new JsonParser.Settings(MaxDepth, TypeRegistry.Empty));

    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default);

    public void Encode(T message, IBufferWriter<byte> writer)
    {
        if (message is not IMessage value)
        {
            throw new CodecException($"Null is not a message of type {typeof(T).Name}.");
        }

        try
        {
            Strict.GetBytes(Formatter.Format(value), writer);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw new CodecException($"A message of type {typeof(T).Name} cannot be encoded as JSON; a cause may be text with a lone surrogate or a time out of range.", error);
        }
    }

    public T Decode(in ReadOnlySequence<byte> payload)
    {
        try
        {
            CheckGrammar(payload);
            return (T)Parser.Parse(Strict.GetString(payload), descriptor);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw new CodecException($"The bytes are not JSON of {descriptor.FullName}{Where(error)}.", error);
        }
    }

    // The library takes the last of several equal names and says of errors neither line nor column; System.Text.Json refuses and says.
    private static void CheckGrammar(in ReadOnlySequence<byte> payload)
    {
        using var document = JsonDocument.Parse(payload, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
    }

    // Its messages may quote the payload; the name of an unknown field is what its sender needs most.
    private static string Where(Exception error) => error switch
    {
        JsonException json => $" (line {json.LineNumber + 1}, byte {json.BytePositionInLine + 1})",
        DecoderFallbackException => ": it is not valid UTF-8",
        InvalidProtocolBufferException when error.Message.StartsWith(UnknownField, StringComparison.Ordinal) =>
            $": it has no field '{error.Message.AsSpan(UnknownField.Length, Math.Min(100, error.Message.Length - UnknownField.Length))}'",
        _ => "",
    };
}
