using System.Buffers;
using System.Text.Json;

namespace Micro.Codecs;

/// <summary>One JSON writer for each thread, so that encoding allocates nothing of its own. A writer in use is not in its slot.</summary>
internal static class JsonWriterCache
{
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = StrictJsonEncoder.Instance,
        MaxDepth = JsonCodec.MaxDepth,

        // What System.Text.Json writes from metadata is well formed; only custom converters could break it, and they would break their own message.
        SkipValidation = true,
    };

    [ThreadStatic]
    private static Utf8JsonWriter? t_spare;

    public static Utf8JsonWriter Take(IBufferWriter<byte> output)
    {
        if (t_spare is not { } writer)
        {
            return new Utf8JsonWriter(output, Options);
        }

        t_spare = null;
        writer.Reset(output);
        return writer;
    }

    /// <summary>Only after success: a writer that failed holds half a message and is left to the collector.</summary>
    public static void Return(Utf8JsonWriter writer)
    {
        // An idle writer must not keep a caller's buffer alive.
        writer.Reset(Nowhere.Instance);
        t_spare = writer;
    }

    private sealed class Nowhere : IBufferWriter<byte>
    {
        public static readonly Nowhere Instance = new();

        public void Advance(int count) => throw new InvalidOperationException("The writer was returned.");

        public Memory<byte> GetMemory(int sizeHint = 0) => throw new InvalidOperationException("The writer was returned.");

        public Span<byte> GetSpan(int sizeHint = 0) => throw new InvalidOperationException("The writer was returned.");
    }
}
