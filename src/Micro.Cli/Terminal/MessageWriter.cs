using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Micro.Codecs;

namespace Micro.Cli.Terminal;

/// <summary>Writes what a service answered, each message as it arrives: indented for people, or one compact document a line.</summary>
internal sealed class MessageWriter(ToolConsole console, bool compact)
{
    private readonly JsonWriterOptions _format = new()
    {
        Indented = !compact,
        NewLine = "\n",

        // Letters stay letters; control characters are escaped all the same, so that no answer can steer the terminal.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public async Task WriteAllAsync(IAsyncEnumerable<RawMessage> messages)
    {
        await foreach (var message in messages)
        {
            Write(message);
        }
    }

    /// <exception cref="CallException">The message is not JSON.</exception>
    public void Write(RawMessage message) => console.Output.WriteLine(Text(message));

    private string Text(RawMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>(message.Bytes.Length);
        try
        {
            using var document = JsonDocument.Parse(message.Bytes);
            using var json = new Utf8JsonWriter(buffer, _format);
            document.WriteTo(json);
        }
        catch (JsonException e)
        {
            throw new CallException(new CallStatus(CallStatusCode.Internal, $"The service answered with {message.Bytes.Length} bytes that are not JSON: {e.Message}"), e);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
