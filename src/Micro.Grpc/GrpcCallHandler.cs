using System.Globalization;
using System.Net.Http.Headers;
using Micro.Transport;

namespace Micro.Grpc;

/// <summary>
/// Puts what belongs to one call on its HTTP request: content subtype, deadline, headers. The call is handed over in a field of the thread, because grpc-dotnet
/// sends synchronously up to here; that spares it and us a list of metadata for each call. Returns the inner task: no state machine of its own.
/// </summary>
internal sealed class GrpcCallHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    [ThreadStatic]
    private static OutgoingCall t_call;

    [ThreadStatic]
    private static MediaTypeHeaderValue? t_contentType;

    /// <summary>The next request this thread sends is of this call. To be ended by <see cref="Leave"/> on the same thread.</summary>
    public static void Enter(in OutgoingCall call, MediaTypeHeaderValue contentType)
    {
        t_call = call;
        t_contentType = contentType;
    }

    public static void Leave()
    {
        t_call = default;
        t_contentType = null;
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var contentType = t_contentType;
        if (contentType is null)
        {
            // A call without its headers would have no deadline, or none of the credentials it needs.
            return Task.FromException<HttpResponseMessage>(new InvalidOperationException("The request was not sent from the thread its call began on."));
        }

        Apply(t_call, contentType, request);
        Leave();
        return base.SendAsync(request, cancellationToken);
    }

    private static void Apply(in OutgoingCall call, MediaTypeHeaderValue contentType, HttpRequestMessage request)
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
