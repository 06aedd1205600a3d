using System.Text.Json;
using Micro.Codecs;

namespace Micro.Cli.Requests;

/// <summary>Takes JSON apart into its documents without changing a byte of them.</summary>
internal static class JsonDocuments
{
    /// <summary>Deepest nesting, as servers take it.</summary>
    private const int MaxDepth = 64;

    /// <param name="utf8">Any number of documents with white space between.</param>
    /// <param name="origin">Where it came from, as the subject of a sentence.</param>
    /// <param name="firstLine">Number of its first line, for messages.</param>
    /// <exception cref="ToolException">It is not JSON; the message says where.</exception>
    public static List<RawMessage> Split(ReadOnlyMemory<byte> utf8, string origin, long firstLine = 1)
    {
        utf8 = WithoutMark(utf8);
        var documents = new List<RawMessage>();
        try
        {
            var reader = new Utf8JsonReader(utf8.Span, new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = MaxDepth });
            while (reader.Read())
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                documents.Add(new RawMessage(utf8[start..(int)reader.BytesConsumed]));
            }
        }
        catch (JsonException e)
        {
            throw ToolException.Usage($"{origin} is not JSON, at line {firstLine + (e.LineNumber ?? 0)}, byte {(e.BytePositionInLine ?? 0) + 1}: {Reason(e)}", e);
        }

        return documents;
    }

    /// <summary>The message without the position in the words of the serializer, which counts from zero.</summary>
    private static string Reason(JsonException e)
    {
        var position = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return position < 0 ? e.Message : e.Message[..position];
    }

    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> utf8) => utf8.Span.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
}
