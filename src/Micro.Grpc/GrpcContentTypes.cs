using System.Net.Http.Headers;
using Micro.Codecs;

namespace Micro.Grpc;

/// <summary>How content types are spelt on a gRPC wire. Source: PROTOCOL-HTTP2.md, "Content-Type".</summary>
internal static class GrpcContentTypes
{
    private static readonly MediaTypeHeaderValue Proto = new("application/grpc+proto");
    private static readonly MediaTypeHeaderValue Json = new("application/grpc+json");
    private static readonly MediaTypeHeaderValue MessagePack = new("application/grpc+msgpack");
    private static readonly MediaTypeHeaderValue Bytes = new("application/grpc+bytes");
    private static readonly MediaTypeHeaderValue Text = new("application/grpc+text");
    private static readonly MediaTypeHeaderValue Form = new("application/grpc+form");

    /// <summary>The header for a content type; any <c>application/x</c> becomes <c>application/grpc+x</c>. Null when it cannot be spelt.</summary>
    public static MediaTypeHeaderValue? ToHeader(string contentType) => contentType switch
    {
        ContentTypes.Protobuf => Proto,
        ContentTypes.Json => Json,
        ContentTypes.MessagePack => MessagePack,
        ContentTypes.Bytes => Bytes,
        ContentTypes.Text => Text,
        ContentTypes.Form => Form,
        _ => contentType.StartsWith("application/", StringComparison.Ordinal)
            && MediaTypeHeaderValue.TryParse($"application/grpc+{contentType["application/".Length..]}", out var header) ? header : null,
    };
}
