namespace Micro.Codecs;

/// <summary>Content types of the built-in codecs, and how a header value is read.</summary>
public static class ContentTypes
{
    /// <summary>JSON, RFC 8259.</summary>
    public const string Json = "application/json";

    /// <summary>Protocol Buffers; <c>application/grpc</c> and <c>application/grpc+proto</c> mean it over gRPC.</summary>
    public const string Protobuf = "application/protobuf";

    /// <summary>MessagePack.</summary>
    public const string MessagePack = "application/msgpack";

    /// <summary>UTF-8 text; carries <see cref="string"/> only.</summary>
    public const string Text = "text/plain";

    /// <summary>Raw bytes; carries <c>byte[]</c> and <see cref="ReadOnlyMemory{T}"/> of bytes only.</summary>
    public const string Bytes = "application/octet-stream";

    /// <summary>HTML form fields, WHATWG URL standard §5.</summary>
    public const string Form = "application/x-www-form-urlencoded";

    /// <summary>
    /// Takes the parameters off a header value and folds the names that mean the same: <c>application/x-protobuf</c>, <c>application/x-msgpack</c>,
    /// <c>text/json</c>.
    /// </summary>
    /// <param name="header">The header value, or null.</param>
    /// <param name="contentType">Lower case, without parameters; empty when the header is absent.</param>
    /// <returns>False when a parameter asks for a charset other than UTF-8, which nothing here speaks.</returns>
    public static bool TryParse(string? header, out string contentType)
    {
        if (string.IsNullOrEmpty(header))
        {
            contentType = "";
            return true;
        }

        var semicolon = header.IndexOf(';');
        contentType = Canonical(semicolon < 0 ? header : header[..semicolon]);
        return semicolon < 0 || HasUtf8Charset(header.AsSpan(semicolon + 1));
    }

    private static string Canonical(string value) => value switch
    {
        // The spellings that come with nearly every call are returned as they are.
        Json or Protobuf or MessagePack or Text or Bytes or Form => value,
        _ => value.Trim().ToLowerInvariant() switch
        {
            "application/x-protobuf" or "application/vnd.google.protobuf" or "application/proto" => Protobuf,
            "application/x-msgpack" or "application/vnd.msgpack" => MessagePack,
            "text/json" => Json,
            var other => other,
        },
    };

    private static bool HasUtf8Charset(ReadOnlySpan<char> parameters)
    {
        foreach (var range in parameters.Split(';'))
        {
            var parameter = parameters[range].Trim();
            var equals = parameter.IndexOf('=');
            if (equals > 0 && parameter[..equals].Trim().Equals("charset", StringComparison.OrdinalIgnoreCase))
            {
                var charset = parameter[(equals + 1)..].Trim().Trim('"');
                if (!charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) && !charset.Equals("utf8", StringComparison.OrdinalIgnoreCase))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
