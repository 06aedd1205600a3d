using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;

namespace Micro.Transport.Http;

/// <summary>Builds requests for one address.</summary>
internal sealed class HttpRequests(Uri origin)
{
    // Methods of contracts are few; tools that make up paths must not fill the memory.
    private const int MaxCachedPaths = 1024;

    private readonly ConcurrentDictionary<string, Uri> _uris = new(StringComparer.Ordinal);

    public HttpRequestMessage Create(HttpMethod method, in OutgoingCall call, HttpContent content)
    {
        var request = new HttpRequestMessage(method, UriOf(call.Spec.Path)) { Content = content };
        content.Headers.TryAddWithoutValidation("Content-Type", call.ContentType);
        var headers = request.Headers;
        if (call.Timeout is { } timeout)
        {
            headers.TryAddWithoutValidation(HttpNames.Timeout, CallTimeout.Format(timeout));
        }

        if (call.PreviousAttempts > 0)
        {
            headers.TryAddWithoutValidation(HttpNames.PreviousAttempts, call.PreviousAttempts.ToString(CultureInfo.InvariantCulture));
        }

        if (call.TraceParent is { } traceParent)
        {
            headers.TryAddWithoutValidation(HttpNames.TraceParent, traceParent);
        }

        if (call.TraceState is { } traceState)
        {
            headers.TryAddWithoutValidation(HttpNames.TraceState, traceState);
        }

        if (call.Headers is { Count: > 0 } own)
        {
            AddOwn(own, headers, content.Headers);
        }

        return request;
    }

    private static void AddOwn(CallHeaders own, HttpRequestHeaders headers, HttpContentHeaders contentHeaders)
    {
        for (var i = 0; i < own.Count; i++)
        {
            var (name, value) = own[i];

            // HttpClient keeps a few names (expires, allow, …) with the content and refuses them elsewhere.
            if (!headers.TryAddWithoutValidation(name, value))
            {
                contentHeaders.TryAddWithoutValidation(name, value);
            }
        }
    }

    private Uri UriOf(string path)
    {
        if (_uris.TryGetValue(path, out var uri))
        {
            return uri;
        }

        // The path goes out byte for byte: the server refuses every spelling but the canonical one.
        uri = new Uri(origin.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        return _uris.Count < MaxCachedPaths ? _uris.GetOrAdd(path, uri) : uri;
    }
}
