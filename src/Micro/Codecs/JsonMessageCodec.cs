using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Micro.Codecs;

/// <summary>JSON of one type.</summary>
internal sealed class JsonMessageCodec<T>(JsonTypeInfo<T> metadata) : IMessageCodec<T>
{
    public void Encode(T message, IBufferWriter<byte> writer)
    {
        if (message is null)
        {
            throw new CodecException($"Null is not a message of type {typeof(T).Name}.");
        }

        var json = JsonWriterCache.Take(writer);
        try
        {
            JsonSerializer.Serialize(json, message, metadata);
            json.Flush();
        }
        catch (Exception error) when (error is not (CodecException or OutOfMemoryException))
        {
            // Converters and property getters may throw anything; all of it means that this value has no JSON.
            throw new CodecException($"A message of type {typeof(T).Name} cannot be encoded as JSON{Where(error)}.", error);
        }

        JsonWriterCache.Return(json);
    }

    public T Decode(in ReadOnlySequence<byte> payload)
    {
        using var whole = new ContiguousPayload(payload);
        var utf8 = whole.Span;
        JsonText.Check(utf8);
        T? message;
        try
        {
            message = JsonSerializer.Deserialize(utf8, metadata);
        }
        catch (Exception error) when (error is not (CodecException or OutOfMemoryException))
        {
            // Beside JsonException: constructors, setters and converters of the message type refuse values in their own ways.
            throw new CodecException($"The bytes are not JSON of {typeof(T).Name}{Where(error)}.", error);
        }

        return message ?? throw new CodecException($"JSON null is not a message of type {typeof(T).Name}.");
    }

    // The library's own message may quote the payload, so only the place is taken from it.
    private static string Where(Exception error)
    {
        if (error is not JsonException json)
        {
            return $" ({error.GetType().Name})";
        }

        var path = json.Path is { Length: > 0 } text ? $" at {(text.Length > 200 ? text[..200] + "…" : text)}" : "";
        var line = json.LineNumber is { } number ? $" (line {number + 1}, byte {(json.BytePositionInLine ?? 0) + 1})" : "";
        return path + line;
    }
}
