using Micro.AspNetCore.Grpc;
using Micro.AspNetCore.Http;
using Micro.Transport;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Micro.AspNetCore.Hosting;

/// <summary>
/// Stands before everything that is served on a mesh connection: whoever could not prove who it is gets UNAUTHENTICATED, whatever it asks for, and the connection is
/// closed. Inside of TLS the refusal would reach a caller as the end of the stream, without a reason (ID-15).
/// </summary>
internal sealed partial class MeshGate(ILogger<MeshGate> logger)
{
    private static readonly CallEnd Refused = new(new CallStatus(
        CallStatusCode.Unauthenticated, "The certificate of the caller is not accepted here. The log of the server has the reason.", notProcessed: true));

    /// <summary>Answers a caller that was refused; null for any other. What is asked over a connection that drains is answered with its end.</summary>
    public Task? TryRefuse(HttpContext context)
    {
        if (MeshPeer.Of(context) is not { } mesh)
        {
            return null;
        }

        var reason = mesh.Record.Peer.Refusal;
        if (reason is not null || mesh.IsDraining)
        {
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }

        if (reason is null)
        {
            return null;
        }

        CallerRefused(context.Connection.RemoteIpAddress?.ToString() ?? "a Unix socket", reason);
        if (!GrpcContentType.IsGrpc(context.Request.ContentType))
        {
            return HttpResponses.WriteProblemAsync(context, Refused, StatusCodes.Status401Unauthorized);
        }

        GrpcTrailers.WriteOnly(context, Refused, GrpcPath.Contract(context.Request.Path.Value));
        return Task.CompletedTask;
    }

    [LoggerMessage(1522, LogLevel.Warning, "A caller at {Remote} was refused: {Reason}.")]
    private partial void CallerRefused(string remote, string reason);
}
