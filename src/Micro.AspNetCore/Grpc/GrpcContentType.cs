using Micro.Codecs;

namespace Micro.AspNetCore.Grpc;

/// <summary>Reads content types as they are spelt on a gRPC wire. Source: PROTOCOL-HTTP2.md, "Content-Type".</summary>
internal static class GrpcContentType
{
    private const string Plain = "application/grpc";

    /// <summary>Whether a request is gRPC at all; <c>application/grpc-web</c> is something else.</summary>
    public static bool IsGrpc(string? header) =>
        header is not null && header.StartsWith(Plain, StringComparison.OrdinalIgnoreCase)
        && (header.Length == Plain.Length || header[Plain.Length] is '+' or ';' or ' ');

    /// <summary>The content type of the messages. An unknown subtype <c>+x</c> becomes <c>application/x</c>, which the pipeline refuses by name.</summary>
    public static string Read(string header)
    {
        var semicolon = header.IndexOf(';');
        var type = semicolon < 0 ? header.AsSpan() : header.AsSpan(0, semicolon).TrimEnd();
        if (type.Length <= Plain.Length + 1)
        {
            return ContentTypes.Protobuf;
        }

        return type[(Plain.Length + 1)..] switch
        {
            "proto" or "protobuf" => ContentTypes.Protobuf,
            "json" => ContentTypes.Json,
            "msgpack" => ContentTypes.MessagePack,
            "bytes" => ContentTypes.Bytes,
            "text" => ContentTypes.Text,
            "form" => ContentTypes.Form,
            var other => $"application/{other.ToString().ToLowerInvariant()}",
        };
    }
}
