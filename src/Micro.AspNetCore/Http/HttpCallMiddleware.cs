using System.Collections.Frozen;
using Micro.AspNetCore.Grpc;
using Micro.AspNetCore.Hosting;
using Micro.Transport;
using Micro.Transport.Http;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Micro.AspNetCore.Http;

/// <summary>
/// The server half of the http transport: takes <c>POST /{contract}/{Method}</c> and WebSockets on the same paths, and passes on everything
/// else, gRPC included. Needs no routing and no other middleware. Thread-safe; one for each server. The protocol is in docs/http.md.
/// </summary>
internal sealed partial class HttpCallMiddleware
{
    private const string Scheme = "http";

    private readonly Func<ICallAcceptor?> _acceptor;
    private readonly HttpServerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<HttpCallMiddleware> _logger;
    private Served? _served;

    /// <param name="acceptor">Asked on each request; null passes the request on.</param>
    /// <param name="options">Limits.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Where broken promises of the acceptor are told.</param>
    public HttpCallMiddleware(Func<ICallAcceptor?> acceptor, HttpServerOptions options, TimeProvider time, ILogger<HttpCallMiddleware> logger)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxMessageBytes, 1);
        _acceptor = acceptor;
        _options = options;
        _time = time;
        _logger = logger;
    }

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var acceptor = _acceptor();
        if (acceptor is null || GrpcContentType.IsGrpc(context.Request.ContentType))
        {
            return next(context);
        }

        var path = context.Request.Path.Value ?? "";
        if (acceptor.Find(path) is not { } route)
        {
            return IsOurs(context, path, acceptor) ? RunUnknownAsync(context, acceptor) : next(context);
        }

        if (!RawPath(context).SequenceEqual(route.Spec.Path))
        {
            return RunUnknownAsync(context, acceptor);
        }

        if (HttpSocketUpgrade.IsAsked(context))
        {
            return SocketAsync(context, acceptor, route);
        }

        // Preflight requests are for the host's CORS policy.
        return HttpMethods.IsOptions(context.Request.Method) ? next(context) : PostAsync(context, acceptor, route);
    }

    private Task PostAsync(HttpContext context, ICallAcceptor acceptor, CallRoute route)
    {
        HttpNegotiation agreed = default;

        // Whatever is wrong with the call: a token among them says who asks.
        var malformed = HttpCallHeaders.TryRead(context.Request.Headers, out var headers);
        var refusal = Unfit(context.Request, route)
            ?? HttpNegotiation.TryPost(context.Request, route, out agreed)
            ?? malformed
            ?? (context.Request.ContentLength > _options.MaxMessageBytes ? HttpRequestReader.TooLarge(_options.MaxMessageBytes) : null);
        RaiseBodyLimit(context);
        var stream = new HttpPostCall(context, agreed, _options.MaxMessageBytes, refusal);
        return RunAsync(acceptor, Create(context, route.Spec.Path, agreed, headers, stream, refusal), stream);
    }

    private async Task SocketAsync(HttpContext context, ICallAcceptor acceptor, CallRoute route)
    {
        HttpNegotiation agreed = default;
        var malformed = HttpCallHeaders.TryRead(context.Request.Headers, out var headers);
        var refusal = HttpSocketUpgrade.Check(context) ?? HttpNegotiation.TrySocket(context.Request, route, out agreed) ?? malformed;
        await using var stream = new HttpSocketCall(context, refusal, HttpNames.IsJson(agreed.ContentType ?? ""), _options.MaxMessageBytes);
        try
        {
            await acceptor.AcceptAsync(Create(context, route.Spec.Path, agreed, headers, stream, refusal, stream.Aborted));
        }
        catch (Exception e)
        {
            AcceptorFailed(route.Spec.Path, e);
        }

        await stream.CompleteAsync(Broken(), CancellationToken.None);
        await stream.CloseAsync(_options.CloseTimeout, _time);
    }

    // What nothing serves is refused by the acceptor, like a call of no right; the transport only lends it a voice.
    private Task RunUnknownAsync(HttpContext context, ICallAcceptor acceptor)
    {
        var refusal = HttpCallHeaders.TryRead(context.Request.Headers, out var headers);
        Codecs.ContentTypes.TryParse(context.Request.ContentType, out var contentType);
        var agreed = new HttpNegotiation(contentType, contentType, ResponseFraming.Single);
        var stream = new HttpPostCall(context, agreed, _options.MaxMessageBytes, refusal);
        return RunAsync(acceptor, Create(context, RawPath(context).ToString(), agreed, headers, stream, refusal), stream);
    }

    /// <summary>What the method of HTTP cannot carry.</summary>
    private static HttpRefusal? Unfit(HttpRequest request, CallRoute route) =>
        !HttpMethods.IsPost(request.Method) ? NotAllowed(route)
        : route.Spec.Kind is CallKind.ClientStream or CallKind.Duplex ? HttpRefusal.Create(
            CallStatusCode.Unimplemented, StatusCodes.Status426UpgradeRequired,
            $"{route.Spec.Path} takes a stream: open a WebSocket with the subprotocol {HttpNames.SubProtocol}.", "Upgrade", "websocket")
        : null;

    private async Task RunAsync(ICallAcceptor acceptor, IncomingCall call, HttpPostCall stream)
    {
        try
        {
            await acceptor.AcceptAsync(call);
        }
        catch (Exception e)
        {
            AcceptorFailed(call.Path, e);
        }

        // An acceptor keeps its promise to write the outcome; where it does not, the caller gets one all the same.
        if (!stream.IsCompleted)
        {
            await stream.CompleteAsync(Broken(), CancellationToken.None);
        }

        await stream.DisposeAsync();
    }

    private static IncomingCall Create(
        HttpContext context, string path, in HttpNegotiation agreed, in HttpCallHeaders headers, ICallStream stream, HttpRefusal? refusal, CancellationToken? aborted = null) => new()
    {
        Path = path,
        ContentType = agreed.ContentType ?? "",
        Accept = agreed.Accept,
        Headers = headers.Own ?? [],
        Stream = stream,
        Timeout = headers.Timeout,
        PreviousAttempts = headers.PreviousAttempts,
        TraceParent = headers.TraceParent,
        TraceState = headers.TraceState,
        Transport = Scheme,
        RemoteAddress = RemoteAddress(context),
        Caller = MeshPeer.CallerOf(context),
        IsFromOutside = EdgeTls.IsEdge(context),
        Refusal = refusal?.Status,
        Aborted = aborted ?? context.RequestAborted,
    };

    // The host's own routes keep working: only what was plainly meant for Micro is answered here.
    private bool IsOurs(HttpContext context, string path, ICallAcceptor acceptor)
    {
        if (HttpMethods.IsOptions(context.Request.Method))
        {
            return false;
        }

        // Below a contract that is served everything is answered alike, so that whoever may not call cannot tell which methods there are.
        return Contracts(acceptor).Contains(ContractOf(path))
            || ((HttpMethods.IsPost(context.Request.Method) || HttpSocketUpgrade.IsAsked(context)) && IsMarked(context.Request.Headers));
    }

    private static ReadOnlySpan<char> ContractOf(string path)
    {
        var slash = path.IndexOf('/', Math.Min(1, path.Length));
        return path.Length == 0 || path[0] != '/' || slash < 0 ? default : path.AsSpan(1, slash - 1);
    }

    private FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Contracts(ICallAcceptor acceptor)
    {
        var served = _served;
        if (served is null || served.Acceptor != acceptor)
        {
            _served = served = new(acceptor, acceptor.Routes.Select(route => route.Spec.Contract).ToFrozenSet(StringComparer.Ordinal));
        }

        return served.Contracts.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    private static bool IsMarked(IHeaderDictionary headers)
    {
        foreach (var (name, _) in headers)
        {
            if (name.StartsWith("micro-", StringComparison.OrdinalIgnoreCase) || name.Equals(HttpNames.Timeout, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static ReadOnlySpan<char> RawPath(HttpContext context)
    {
        var raw = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var query = raw.IndexOf('?');
        return query < 0 ? raw : raw.AsSpan(0, query);
    }

    private static HttpRefusal NotAllowed(CallRoute route)
    {
        var allowed = route.Spec.Kind switch { CallKind.Unary => "POST", CallKind.ServerStream => "POST, GET", _ => "GET" };
        return HttpRefusal.Create(
            CallStatusCode.Unimplemented, StatusCodes.Status405MethodNotAllowed,
            $"{route.Spec.Path} is called with {(allowed == "GET" ? "a WebSocket" : "POST")}.", "Allow", allowed);
    }

    private static CallEnd Broken() => new(new CallStatus(CallStatusCode.Internal, "The server failed to answer."));

    // Kestrel's own limit (30 MB) counts only where ours is above it.
    private void RaiseBodyLimit(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false, MaxRequestBodySize: { } most } feature && most < _options.MaxMessageBytes)
        {
            feature.MaxRequestBodySize = _options.MaxMessageBytes;
        }
    }

    private static string? RemoteAddress(HttpContext context)
    {
        var items = context.Features.Get<IConnectionItemsFeature>()?.Items;
        return items is not null && items.TryGetValue(KestrelServerTransport.RemoteAddressKey, out var known) ? (string?)known
            : context.Connection.RemoteIpAddress is { } ip ? new System.Net.IPEndPoint(ip, context.Connection.RemotePort).ToString()
            : null;
    }

    private sealed record Served(ICallAcceptor Acceptor, FrozenSet<string> Contracts);
}
