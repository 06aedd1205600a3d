using System.Net.Http.Headers;
using Micro.Transport;

namespace Micro.Grpc;

/// <summary>
/// Puts what belongs to one stream on its HTTP request (<see cref="GrpcRequestHead"/>). The call is handed over in a field of the thread, because grpc-dotnet
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

        request.Content = new GrpcStreamContent(request.Content!);
        GrpcRequestHead.Apply(t_call, contentType, request);
        Leave();
        return base.SendAsync(request, cancellationToken);
    }
}
