using System.Text.Json;

namespace Micro.Tokens.Verification;

/// <summary>JSON of tokens: an object, of little depth, without a name given twice (RFC 7519, section 4: either refuse those, or the last counts; both readings of one token would be a hole).</summary>
internal static class StrictJson
{
    /// <summary>Deepest nesting: 8.</summary>
    public const int MaxDepth = 8;

    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };

    /// <exception cref="TokenRefusedException">It is something else.</exception>
    public static JsonDocument Parse(byte[] json, string what)
    {
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(json, Options);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
        }

        document?.Dispose();
        throw new TokenRefusedException($"the {what} is not an object in JSON, is nested too deep or has a name twice");
    }

    /// <summary>Text of a member; null when there is none.</summary>
    /// <exception cref="TokenRefusedException">It is there and not text, or the text is not Unicode.</exception>
    public static string? Text(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out var value))
        {
            return null;
        }

        return Text(value) ?? throw new TokenRefusedException($"'{name}' is not text");
    }

    /// <summary>The value as text; null when it is something else.</summary>
    public static string? Text(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Bytes that are not UTF-8, or half a surrogate pair.
            return null;
        }
    }
}
