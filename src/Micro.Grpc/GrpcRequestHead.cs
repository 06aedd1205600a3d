using System.Globalization;
using System.Net.Http.Headers;
using Micro.Transport;

namespace Micro.Grpc;

/// <summary>Puts what belongs to one call on its HTTP request: content subtype, deadline, trace, headers.</summary>
internal static class GrpcRequestHead
{
    private const string UserAgent = "micro-dotnet";

    /// <summary>For a request that grpc-dotnet did not make: also what every gRPC request has. Source: PROTOCOL-HTTP2.md, "Requests".</summary>
    public static void Write(in OutgoingCall call, MediaTypeHeaderValue contentType, HttpRequestMessage request)
    {
        var headers = request.Headers;
        headers.TryAddWithoutValidation("te", "trailers");
        headers.TryAddWithoutValidation("user-agent", UserAgent);
        headers.TryAddWithoutValidation("grpc-accept-encoding", "identity,gzip,deflate");
        Apply(call, contentType, request);
    }

    public static void Apply(in OutgoingCall call, MediaTypeHeaderValue contentType, HttpRequestMessage request)
    {
        request.Content!.Headers.ContentType = contentType;
        var headers = request.Headers;
        if (call.Timeout is { } timeout)
        {
            headers.TryAddWithoutValidation("grpc-timeout", GrpcTimeout.Format(timeout));
        }

        if (call.PreviousAttempts > 0)
        {
            headers.TryAddWithoutValidation("grpc-previous-rpc-attempts", call.PreviousAttempts.ToString(CultureInfo.InvariantCulture));
        }

        if (call.TraceParent is { } parent)
        {
            headers.TryAddWithoutValidation("traceparent", parent);
            if (call.TraceState is { Length: > 0 } state)
            {
                headers.TryAddWithoutValidation("tracestate", state);
            }
        }

        if (call.Headers is { Count: > 0 } own)
        {
            for (var i = 0; i < own.Count; i++)
            {
                // Some names (content-language, expires) are the content's, in the eyes of HttpClient.
                if (!headers.TryAddWithoutValidation(own[i].Key, own[i].Value))
                {
                    request.Content.Headers.TryAddWithoutValidation(own[i].Key, own[i].Value);
                }
            }
        }
    }
}
