using System.Buffers;
using System.Globalization;
using Micro.Transport;
using Micro.Transport.Http;
using Microsoft.AspNetCore.Http;

namespace Micro.AspNetCore.Http;

/// <summary>Writes what is not a message: headers, trailers that are known at the start, and problems.</summary>
internal static class HttpResponses
{
    /// <summary>Sets the handler's headers. Framing belongs to the transport: reserved names cannot be in the list.</summary>
    public static void AddHeaders(HttpResponse response, CallHeaders? headers)
    {
        for (var i = 0; i < headers?.Count; i++)
        {
            var (name, value) = headers[i];
            response.Headers.Append(name, value);
        }
    }

    /// <summary>What is not taken is not sent either.</summary>
    /// <exception cref="CallException">The message is above the limit: RESOURCE_EXHAUSTED.</exception>
    public static void ThrowIfTooLarge(ReadOnlyMemory<byte> message, int limit)
    {
        if (message.Length > limit)
        {
            throw new CallException(new CallStatus(
                CallStatusCode.ResourceExhausted, $"The response has {message.Length} bytes; at most {limit} may be sent (Micro:Server:MaxMessageBytes)."));
        }
    }

    public static void AddTrailers(HttpResponse response, CallHeaders? trailers)
    {
        for (var i = 0; i < trailers?.Count; i++)
        {
            var (name, value) = trailers[i];
            response.Headers.Append(HttpNames.TrailerPrefix + name, value);
        }
    }

    /// <summary>Answers with a failure: with HTTP's own status and header where it is the one the transport found, else with those of its code.</summary>
    public static Task WriteOutcomeAsync(HttpContext context, CallEnd end, HttpRefusal? refusal)
    {
        if (refusal is null || !ReferenceEquals(refusal.Status, end.Status))
        {
            return WriteProblemAsync(context, end, HttpStatusMapping.ToHttp(end.Status.Code));
        }

        if (refusal.HeaderName is { } name)
        {
            context.Response.Headers[name] = refusal.HeaderValue;
        }

        return WriteProblemAsync(context, end, refusal.HttpStatus);
    }

    /// <summary>Answers with problem+json. The response must not have started.</summary>
    public static async Task WriteProblemAsync(HttpContext context, CallEnd end, int httpStatus)
    {
        var response = context.Response;
        response.StatusCode = httpStatus;
        response.ContentType = ProblemJson.ContentType;
        AddTrailers(response, end.Trailers);
        AddPushback(response, end.RetryPushback);
        var body = new ArrayBufferWriter<byte>(256);
        ProblemJson.Write(body, end.Status, httpStatus);
        response.ContentLength = body.WrittenCount;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.BodyWriter.WriteAsync(body.WrittenMemory, context.RequestAborted);
        }
    }

    // Both spellings: gRFC A6 for Micro, whole seconds rounded up (RFC 9110 §10.2.3) for everybody else.
    private static void AddPushback(HttpResponse response, TimeSpan? pushback)
    {
        if (pushback is not { } wait)
        {
            return;
        }

        response.Headers[HttpNames.RetryPushback] = ((long)wait.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        if (wait >= TimeSpan.Zero)
        {
            response.Headers.RetryAfter = ((long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }
    }
}
