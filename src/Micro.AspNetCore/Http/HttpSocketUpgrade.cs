using System.Net.Sockets;
using System.Net.WebSockets;
using Micro.Transport.Http;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Micro.AspNetCore.Http;

/// <summary>
/// The opening handshake of a WebSocket (RFC 6455 §4.2, RFC 8441 over HTTP/2) without the host's WebSocket middleware, so that the order of a
/// host's pipeline does not matter.
/// </summary>
internal static class HttpSocketUpgrade
{
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(15);

    /// <summary>True for a request that asks for a WebSocket, whatever its subprotocol.</summary>
    public static bool IsAsked(HttpContext context)
    {
        var request = context.Request;
        if (HttpMethods.IsConnect(request.Method))
        {
            return context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" };
        }

        return HttpMethods.IsGet(request.Method) && string.Equals(request.Headers.Upgrade, "websocket", StringComparison.OrdinalIgnoreCase)
            && context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true };
    }

    /// <summary>What is wrong with the handshake, or null.</summary>
    public static HttpRefusal? Check(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (headers[HttpNames.SocketVersion] != "13")
        {
            return HttpRefusal.Create(CallStatusCode.Unimplemented, StatusCodes.Status426UpgradeRequired, "WebSocket version 13 is needed.", HttpNames.SocketVersion, "13");
        }

        if (HttpMethods.IsGet(context.Request.Method) && !IsKey(headers[HttpNames.SocketKey]))
        {
            return HttpRefusal.Create(CallStatusCode.InvalidArgument, StatusCodes.Status400BadRequest, $"The header '{HttpNames.SocketKey}' is not 16 bytes in base64.");
        }

        return headers.GetCommaSeparatedValues(HttpNames.SocketProtocol).Contains(HttpNames.SubProtocol, StringComparer.Ordinal)
            ? null
            : HttpRefusal.Create(
                CallStatusCode.Unimplemented, StatusCodes.Status400BadRequest, $"The WebSocket must offer the subprotocol {HttpNames.SubProtocol}.",
                HttpNames.SocketProtocol, HttpNames.SubProtocol);
    }

    public static async Task<WebSocket> AcceptAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers[HttpNames.SocketProtocol] = HttpNames.SubProtocol;
        Stream stream;
        if (HttpMethods.IsConnect(context.Request.Method))
        {
            stream = await context.Features.GetRequiredFeature<IHttpExtendedConnectFeature>().AcceptAsync();
        }
        else
        {
            headers.Connection = "Upgrade";
            headers.Upgrade = "websocket";
            headers[HttpNames.SocketAccept] = HttpNames.AcceptOf(context.Request.Headers[HttpNames.SocketKey]!);
            stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        }

        KeepAlive(context.Features.Get<IConnectionSocketFeature>()?.Socket);
        return WebSocket.CreateFromStream(
            stream, new WebSocketCreationOptions { IsServer = true, SubProtocol = HttpNames.SubProtocol, KeepAliveInterval = PingInterval });
    }

    // A stream may be silent for long: without probes a caller whose machine is gone would hold its handler for ever.
    private static void KeepAlive(Socket? socket)
    {
        if (socket is { AddressFamily: AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 })
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 5);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 1);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 5);
        }
    }

    private static bool IsKey(string? key)
    {
        Span<byte> bytes = stackalloc byte[16];
        return key is { Length: 24 } && Convert.TryFromBase64String(key, bytes, out var written) && written == 16;
    }
}
