using System.Buffers;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Micro.Codecs;

namespace Micro.Transport.Http;

/// <summary>Reads responses: a message, or the outcome that a response means, whoever wrote it.</summary>
internal sealed class HttpReplies(int maxMessageBytes, TimeProvider time)
{
    private const int MaxProblemBytes = 64 * 1024;
    private const int MaxPlainTextChars = 1024;

    /// <summary>Reads the response of a unary call to its end.</summary>
    public async ValueTask<UnaryReply> ReadUnaryAsync(HttpResponseMessage response, OutgoingCall call, CancellationToken cancellationToken)
    {
        if (response.StatusCode != System.Net.HttpStatusCode.OK)
        {
            return await ReadFailureAsync(response, call, cancellationToken);
        }

        if (Mismatch(response, call.ContentType) is { } mismatch)
        {
            return new(new CallEnd(mismatch));
        }

        var length = response.Content.Headers.ContentLength;
        var message = length > maxMessageBytes ? null
            : length is { } known ? await ReadExactlyAsync(response, (int)known, cancellationToken)
            : await ReadToEndAsync(response, maxMessageBytes, cancellationToken);
        if (message is null)
        {
            return new(new CallEnd(new CallStatus(CallStatusCode.ResourceExhausted, $"The response is larger than {maxMessageBytes} bytes.")));
        }

        if (!call.WantsHeaders)
        {
            return new(CallEnd.Ok, message);
        }

        var (headers, trailers) = Collect(response);
        return new(trailers is null ? CallEnd.Ok : new CallEnd(CallStatus.Ok, trailers), message, headers);
    }

    /// <summary>The outcome of a response that is not a success: problem+json, plain text, or what its HTTP status stands for.</summary>
    public async ValueTask<UnaryReply> ReadFailureAsync(HttpResponseMessage response, OutgoingCall call, CancellationToken cancellationToken)
    {
        var (headers, trailers) = Collect(response);
        var status = await ReadStatusAsync(response, call, cancellationToken);
        return new(new CallEnd(status, trailers) { RetryPushback = Pushback(response) }, null, headers);
    }

    /// <summary>What is wrong with the content type or encoding of a 200, or null.</summary>
    public static CallStatus? Mismatch(HttpResponseMessage response, string expected)
    {
        var headers = response.Content.Headers.NonValidated;
        var actual = headers.TryGetValues("Content-Type", out var values) ? values.ToString() : "";
        if (actual != expected && !(ContentTypes.TryParse(actual, out var parsed) && parsed == expected))
        {
            return new(CallStatusCode.Unknown, $"The response is '{Shorten(actual)}' where '{expected}' was expected.");
        }

        return headers.TryGetValues("Content-Encoding", out var encodings) && encodings.ToString() is var encoding && encoding != "identity"
            ? new(CallStatusCode.Internal, $"The response came in the encoding '{Shorten(encoding)}', which was not asked for.")
            : null;
    }

    /// <summary>Headers and trailers of a response; null where there are none.</summary>
    public static (CallHeaders? Headers, CallHeaders? Trailers) Collect(HttpResponseMessage response)
    {
        CallHeaders? headers = null, trailers = null;
        Collect(response.Headers.NonValidated, ref headers, ref trailers);
        Collect(response.Content.Headers.NonValidated, ref headers, ref trailers);
        return (headers, trailers);
    }

    private static void Collect(HttpHeadersNonValidated from, ref CallHeaders? headers, ref CallHeaders? trailers)
    {
        foreach (var (name, values) in from)
        {
            var isTrailer = name.StartsWith(HttpNames.TrailerPrefix, StringComparison.OrdinalIgnoreCase);
            if (!isTrailer && CallHeaders.IsReserved(name))
            {
                continue;
            }

            foreach (var value in values)
            {
                if (isTrailer)
                {
                    (trailers ??= []).TryAddReceived(name[HttpNames.TrailerPrefix.Length..], value);
                }
                else
                {
                    (headers ??= []).TryAddReceived(name, value);
                }
            }
        }
    }

    private static async ValueTask<CallStatus> ReadStatusAsync(HttpResponseMessage response, OutgoingCall call, CancellationToken cancellationToken)
    {
        var http = (int)response.StatusCode;
        var contentType = response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values) ? values.ToString() : "";
        ContentTypes.TryParse(contentType, out contentType);
        var readable = contentType is ProblemJson.ContentType or ContentTypes.Json or ContentTypes.Text;
        using var body = readable ? await ReadToEndAsync(response, MaxProblemBytes, cancellationToken) : null;
        if (body is { Memory.Length: > 0 })
        {
            var status = contentType == ContentTypes.Text ? Plain(body.Memory.Span, http) : ProblemJson.Read(body.Memory.Span, http);
            if (status.Message.Length > 0 || contentType == ProblemJson.ContentType)
            {
                return status.IsOk ? new(CallStatusCode.Unknown, $"HTTP {http} came with the outcome OK.") : status;
            }
        }

        return new(HttpStatusMapping.FromHttp(http), $"{call.Spec.Path} was answered with HTTP {http} {response.ReasonPhrase}".TrimEnd() + ".");
    }

    private static CallStatus Plain(ReadOnlySpan<byte> body, int http) => new(HttpStatusMapping.FromHttp(http), Shorten(Encoding.UTF8.GetString(body).Trim()));

    private static string Shorten(string text) => text.Length <= MaxPlainTextChars ? text : text[..MaxPlainTextChars] + "…";

    private static async ValueTask<CallMessage> ReadExactlyAsync(HttpResponseMessage response, int length, CancellationToken cancellationToken)
    {
        var message = CallMessage.Rent(length, out var memory);
        try
        {
            await response.Content.ReadAsStream(cancellationToken).ReadExactlyAsync(memory, cancellationToken);
            return message;
        }
        catch
        {
            message.Dispose();
            throw;
        }
    }

    private static async ValueTask<CallMessage?> ReadToEndAsync(HttpResponseMessage response, int limit, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(4096, limit + 1L));
        try
        {
            for (var count = 0; ;)
            {
                var read = await stream.ReadAsync(buffer.AsMemory(count), cancellationToken);
                count += read;
                if (count > limit)
                {
                    return null;
                }

                if (read == 0)
                {
                    return CallMessage.Copy(buffer.AsSpan(0, count));
                }

                if (count == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(count * 4L, limit + 1L));
                    buffer.AsSpan(0, count).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // gRFC A6: a value that cannot be read means that the call must not be repeated. Retry-After (RFC 9110 §10.2.3) is what proxies say.
    private TimeSpan? Pushback(HttpResponseMessage response)
    {
        if (response.Headers.NonValidated.TryGetValues(HttpNames.RetryPushback, out var values))
        {
            return TimeSpan.FromMilliseconds(
                int.TryParse(values.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ms) ? ms : -1);
        }

        return response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow() is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
            _ => null,
        };
    }
}
