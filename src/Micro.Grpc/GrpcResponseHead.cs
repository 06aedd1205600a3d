using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Micro.Transport;

namespace Micro.Grpc;

/// <summary>Reads what the headers and trailers of a response say. Source: PROTOCOL-HTTP2.md, "Responses"; http-grpc-status-mapping.md.</summary>
internal static class GrpcResponseHead
{
    private static readonly CallStatus NoStatus = new(CallStatusCode.Unknown, "The response ended without a status.");

    /// <summary>Why an answer without a status in its headers is not one of gRPC: whoever gave it, a proxy perhaps, speaks for the server by its HTTP status. Null when it is one.</summary>
    public static CallStatus? NotGrpc(HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            var code = response.StatusCode switch
            {
                HttpStatusCode.BadRequest => CallStatusCode.Internal,
                HttpStatusCode.Unauthorized => CallStatusCode.Unauthenticated,
                HttpStatusCode.Forbidden => CallStatusCode.PermissionDenied,
                HttpStatusCode.NotFound => CallStatusCode.Unimplemented,
                HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout =>
                    CallStatusCode.Unavailable,
                _ => CallStatusCode.Unknown,
            };
            return new CallStatus(code, $"The answer is not one of gRPC: HTTP status {(int)response.StatusCode}.");
        }

        if (response.Content.Headers.NonValidated.TryGetValues("content-type", out var values))
        {
            var type = values.ToString();
            return type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) && (type.Length == 16 || type[16] is '+' or ';' or ' ')
                ? null
                : new CallStatus(CallStatusCode.Unknown, $"The answer is not one of gRPC: content type '{(type.Length <= 100 ? type : type[..100])}'.");
        }

        return new CallStatus(CallStatusCode.Unknown, "The answer is not one of gRPC: it has no content type.");
    }

    public static bool HasStatus(HttpHeaders headers) => headers.NonValidated.Contains("grpc-status");

    public static bool IsOk(HttpHeaders trailers) => Text(trailers, "grpc-status") == "0";

    public static string? Encoding(HttpResponseMessage response) => Text(response.Headers, "grpc-encoding");

    /// <summary>The outcome and the trailers of the service.</summary>
    public static CallEnd End(HttpHeaders trailers)
    {
        if (Text(trailers, "grpc-status") is not { } status)
        {
            return new CallEnd(NoStatus);
        }

        if (status == "0")
        {
            return Read(trailers) is { } own ? new CallEnd(CallStatus.Ok, own) : CallEnd.Ok;
        }

        // A code that is no number, or none of the closed set, is UNKNOWN.
        var code = int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (CallStatusCode)number : CallStatusCode.Unknown;
        return GrpcOutcome.Answered(
            code,
            Unescape(Text(trailers, "grpc-message")),
            Text(trailers, "grpc-status-details-bin") is { } details ? GrpcHeaders.TryBinary(details) : null,
            Text(trailers, "micro-executed") == "no",
            Text(trailers, "grpc-retry-pushback-ms"),
            Read(trailers));
    }

    public static CallHeaders? Headers(HttpResponseMessage response)
    {
        var headers = Read(response.Headers);

        // Some names (content-language, expires) are the content's, in the eyes of HttpClient.
        return Read(response.Content.Headers, headers);
    }

    private static CallHeaders? Read(HttpHeaders received, CallHeaders? into = null)
    {
        foreach (var (name, values) in received.NonValidated)
        {
            if (GrpcHeaders.IsTransports(name))
            {
                continue;
            }

            foreach (var value in values)
            {
                GrpcHeaders.Add(ref into, name, value);
            }
        }

        return into is { Count: > 0 } ? into : null;
    }

    private static string? Text(HttpHeaders headers, string name) => headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    /// <summary>Percent-encoded UTF-8; what is not well-formed stays as it came.</summary>
    private static string Unescape(string? message) => message is null ? "" : message.Contains('%') ? Uri.UnescapeDataString(message) : message;
}
