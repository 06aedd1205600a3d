using System.Globalization;
using Micro.Codecs;
using Micro.Transport;
using Micro.Transport.Http;
using Microsoft.AspNetCore.Http;

namespace Micro.AspNetCore.Http;

/// <summary>How the messages of a response are put into its body.</summary>
internal enum ResponseFraming
{
    /// <summary>One message is the body.</summary>
    Single,

    /// <summary>JSON lines.</summary>
    Lines,

    /// <summary>Server-sent events.</summary>
    Events,
}

/// <summary>Content types of one call, agreed on before it runs. Nothing is guessed: what is not named is refused.</summary>
internal readonly record struct HttpNegotiation(string ContentType, string ResponseType, ResponseFraming Framing)
{
    /// <summary>For <see cref="IncomingCall.Accept"/>.</summary>
    public string? Accept => ResponseType == ContentType ? null : ResponseType;

    /// <summary>Agrees on the types of a POST.</summary>
    public static HttpRefusal? TryPost(HttpRequest request, CallRoute route, out HttpNegotiation agreed)
    {
        agreed = default;
        var headers = request.Headers;
        if (headers.ContentEncoding is { Count: > 0 } encoding && !string.Equals(encoding, "identity", StringComparison.OrdinalIgnoreCase))
        {
            return HttpRefusal.Create(
                CallStatusCode.Unimplemented, 415, "The content encoding is not supported; accepted: identity.", "Accept-Encoding", "identity");
        }

        var refusal = TryContentType(request.ContentType, route, out var contentType);
        if (refusal is not null)
        {
            return refusal;
        }

        var accept = headers.Accept.Count switch { 0 => null, 1 => headers.Accept[0], _ => headers.Accept.ToString() };
        return route.Spec.Kind == CallKind.ServerStream
            ? TryStream(accept, route, contentType, out agreed)
            : TryAccept(accept, route, contentType, out agreed);
    }

    /// <summary>Agrees on the type of a WebSocket, which carries one type both ways. Browsers cannot set headers: the query does as well.</summary>
    public static HttpRefusal? TrySocket(HttpRequest request, CallRoute route, out HttpNegotiation agreed)
    {
        var asked = request.Query.TryGetValue("content-type", out var query) ? query.ToString() : request.ContentType;
        var refusal = TryContentType(string.IsNullOrEmpty(asked) ? ContentTypes.Json : asked, route, out var contentType);
        agreed = new(contentType, contentType, ResponseFraming.Single);
        return refusal;
    }

    private static HttpRefusal? TryContentType(string? header, CallRoute route, out string contentType)
    {
        var utf8 = ContentTypes.TryParse(header, out contentType);
        if (utf8 && Carries(route, contentType))
        {
            return null;
        }

        var given = string.IsNullOrEmpty(header) ? "There is no content type" : !utf8 ? $"The charset of '{Cut(header)}' is not UTF-8" : $"The content type '{Cut(header)}' is not supported";
        return Unsupported(415, given, route);
    }

    private static HttpRefusal? TryAccept(string? accept, CallRoute route, string contentType, out HttpNegotiation agreed)
    {
        agreed = new(contentType, contentType, ResponseFraming.Single);
        if (string.IsNullOrEmpty(accept) || accept == contentType || accept == "*/*")
        {
            return null;
        }

        if (Best(accept, route, contentType) is not { } best)
        {
            return Unsupported(406, $"No answer can be given as '{Cut(accept)}'", route);
        }

        agreed = agreed with { ResponseType = best };
        return null;
    }

    private static HttpRefusal? TryStream(string? accept, CallRoute route, string contentType, out HttpNegotiation agreed)
    {
        var events = accept is not null && accept.Contains(HttpNames.Events, StringComparison.OrdinalIgnoreCase);
        agreed = new(contentType, HttpNames.IsJson(contentType) ? contentType : ContentTypes.Json, events ? ResponseFraming.Events : ResponseFraming.Lines);
        var wanted = string.IsNullOrEmpty(accept) || accept == HttpNames.Lines || events
            || accept.Contains(HttpNames.Lines, StringComparison.OrdinalIgnoreCase) || accept.Contains("json", StringComparison.OrdinalIgnoreCase)
            || accept.Contains("*/*", StringComparison.Ordinal);
        return wanted && Carries(route, agreed.ResponseType)
            ? null
            : HttpRefusal.Create(
                CallStatusCode.InvalidArgument, 406,
                $"{route.Spec.Path} answers with a stream: {HttpNames.Lines} or {HttpNames.Events} with JSON messages, or other types over a WebSocket.");
    }

    // RFC 9110 §12.5.1: the highest weight wins; at equal weights the request's own type, then what stands first.
    private static string? Best(string accept, CallRoute route, string contentType)
    {
        string? best = null;
        var bestWeight = 0.0;
        foreach (var range in accept.AsSpan().Split(','))
        {
            var item = accept.AsSpan(range);
            var weight = WeightOf(item);
            var type = Match(item, route, contentType);
            if (type is not null && (weight > bestWeight || (weight == bestWeight && weight > 0 && type == contentType)))
            {
                (best, bestWeight) = (type, weight);
            }
        }

        return best;
    }

    private static string? Match(ReadOnlySpan<char> item, CallRoute route, string contentType)
    {
        var semicolon = item.IndexOf(';');
        var name = (semicolon < 0 ? item : item[..semicolon]).Trim();
        if (name.SequenceEqual("*/*"))
        {
            return contentType;
        }

        if (name.EndsWith("/*"))
        {
            var prefix = name[..^1];
            if (contentType.AsSpan().StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                return contentType;
            }

            foreach (var type in route.ContentTypes)
            {
                if (type.AsSpan().StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                {
                    return type;
                }
            }

            return null;
        }

        return ContentTypes.TryParse(item.ToString(), out var parsed) && Carries(route, parsed) ? parsed : null;
    }

    private static double WeightOf(ReadOnlySpan<char> item)
    {
        var at = item.IndexOf(";q=", StringComparison.OrdinalIgnoreCase);
        at = at >= 0 ? at + 3 : item.IndexOf("; q=", StringComparison.OrdinalIgnoreCase) is var spaced and >= 0 ? spaced + 4 : -1;
        if (at < 0)
        {
            return 1;
        }

        var text = item[at..];
        var end = text.IndexOf(';');
        return double.TryParse((end < 0 ? text : text[..end]).Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight) ? weight : 0;
    }

    private static bool Carries(CallRoute route, string contentType)
    {
        for (var i = 0; i < route.ContentTypes.Count; i++)
        {
            if (route.ContentTypes[i] == contentType)
            {
                return true;
            }
        }

        return false;
    }

    private static HttpRefusal Unsupported(int httpStatus, string what, CallRoute route)
    {
        var accepted = string.Join(", ", route.ContentTypes);
        return HttpRefusal.Create(CallStatusCode.InvalidArgument, httpStatus, $"{what}; accepted by {route.Spec.Path}: {accepted}.", "Accept", accepted);
    }

    private static string Cut(string text) => text.Length <= 100 ? text : text[..100] + "…";
}
