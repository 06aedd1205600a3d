using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Micro.Codecs;

/// <summary>Forms of one type, by way of its JSON: forms are small and rare, so one set of rules for values is worth more than speed.</summary>
internal sealed class FormMessageCodec<T>(JsonTypeInfo<T> metadata) : IMessageCodec<T>
{
    private readonly JsonMessageCodec<T> _json = new(metadata);

    public void Encode(T message, IBufferWriter<byte> writer)
    {
        var buffer = new ArrayBufferWriter<byte>();
        _json.Encode(message, buffer);
        using var document = JsonDocument.Parse(buffer.WrittenMemory, new JsonDocumentOptions { MaxDepth = JsonCodec.MaxDepth });
        FormWriter.Write(document.RootElement, writer);
    }

    public T Decode(in ReadOnlySequence<byte> payload)
    {
        FormNode root;
        using (var whole = new ContiguousPayload(payload))
        {
            root = FormReader.Read(whole.Span);
        }

        var buffer = new ArrayBufferWriter<byte>();
        var writer = JsonWriterCache.Take(buffer);
        FormToJson.Write(writer, root, metadata);
        writer.Flush();
        JsonWriterCache.Return(writer);
        return _json.Decode(new ReadOnlySequence<byte>(buffer.WrittenMemory));
    }
}
