using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Micro.Security;

/// <summary>
/// A file of rules: <c>{"version": 1, "rules": [{"id": …, "effect": "allow", …}]}</c>. Members are those of <see cref="CallRule"/>; unknown ones, members given twice and
/// newer versions are refused.
/// </summary>
internal static class RuleFile
{
    public const int Version = 1;

    private const int MaxBytes = 64 * 1024 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 4, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <exception cref="RuleException">It cannot be read, or others may write it.</exception>
    public static byte[] ReadBytes(string path)
    {
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
            {
                throw new RuleException(path, null, null, $"other users can write the file; run: chmod go-w '{path}'");
            }

            using var file = File.OpenRead(path);
            if (file.Length > MaxBytes)
            {
                throw new RuleException(path, null, null, $"the file is larger than {MaxBytes} bytes");
            }

            var bytes = new byte[file.Length];
            var read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return bytes[..read];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RuleException(path, null, null, $"the file cannot be read: {e.Message.TrimEnd('.')}", e);
        }
    }

    /// <exception cref="RuleException">It is malformed.</exception>
    public static IReadOnlyList<CallRule> Parse(string path, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, Strict);
            return Parse(path, document.RootElement);
        }
        catch (JsonException e)
        {
            throw new RuleException(path, null, null, $"it is not JSON: {e.Message.TrimEnd('.')}", e);
        }
    }

    /// <summary>Replaces the file in one step: a reader sees the old or the new one. It is made with mode 0600.</summary>
    public static void Write(string path, IEnumerable<CallRule> rules)
    {
        var file = new FileInfo(path);
        var target = file.LinkTarget is null ? file.FullName : file.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        var temporary = $"{target}.{Guid.CreateVersion7():n}.tmp";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(Format(rules));
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static IReadOnlyList<CallRule> Parse(string path, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new RuleException(path, null, null, "it is not a JSON object with version and rules");
        }

        if (root.EnumerateObject().Select(member => member.Name).FirstOrDefault(name => name is not ("version" or "rules")) is { } unknown)
        {
            throw new RuleException(path, null, null, $"there is no member '{unknown}'; there are version and rules");
        }

        if (!root.TryGetProperty("version", out var version) || version.ValueKind != JsonValueKind.Number || !version.TryGetInt32(out var number) || number != Version)
        {
            throw new RuleException(path, null, null, $"its version is {(version.ValueKind == JsonValueKind.Undefined ? "missing" : version.GetRawText())}; this process reads version {Version}");
        }

        return root.TryGetProperty("rules", out var rules) && rules.ValueKind == JsonValueKind.Array
            ? [.. rules.EnumerateArray().Select((rule, index) => ParseRule(path, rule, index))]
            : throw new RuleException(path, null, null, "it has no list of rules");
    }

    private static CallRule ParseRule(string path, JsonElement rule, int index)
    {
        var place = rule.ValueKind == JsonValueKind.Object && rule.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString()! : $"number {index}";
        return rule.ValueKind == JsonValueKind.Object
            ? RuleFields.Read(path, place, rule.EnumerateObject().Select(member => (member.Name, member.Value.ValueKind switch
            {
                JsonValueKind.String => member.Value.GetString(),
                JsonValueKind.Number => member.Value.GetRawText(),
                _ => throw new RuleException(path, place, member.Name, "it has to be a text or a number"),
            })))
            : throw new RuleException(path, place, null, "it is not a JSON object");
    }

    private static byte[] Format(IEnumerable<CallRule> rules)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteStartArray("rules");
            foreach (var rule in rules)
            {
                json.WriteStartObject();
                json.WriteString("id", rule.Id);
                json.WriteString("effect", rule.Effect.ToString().ToLowerInvariant());
                json.WriteNumber("priority", rule.Priority);
                json.WriteString("caller", rule.Caller);
                json.WriteString("scope", rule.Scope);
                json.WriteString("kind", rule.Kind.ToString().ToLowerInvariant());
                json.WriteString("name", rule.Name);
                json.WriteString("operation", rule.Operation);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return [.. buffer.WrittenSpan, .. Encoding.UTF8.GetBytes("\n")];
    }
}
