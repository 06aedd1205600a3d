using System.Collections.Frozen;
using global::Grpc.AspNetCore.Server;
using global::Grpc.Core;
using Micro.AspNetCore.Hosting;
using Micro.Rpc;
using Micro.Security;
using Micro.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Micro.AspNetCore.Grpc;

/// <summary>
/// The gRPC methods of the process by their one path each. They are looked up by the raw target of the request and never by ASP.NET's routing, which knows many
/// spellings of one path. Every method is bound as a duplex stream of bytes: nothing is read before the pipeline has decided on the call.
/// </summary>
internal sealed partial class GrpcEndpoints
{
    private readonly KestrelServerTransport _transport;
    private readonly FrozenDictionary<string, RequestDelegate> _methods;
    private readonly FrozenSet<string> _contracts;
    private readonly CallAuthorization? _authorization;
    private readonly CallerRecognition? _recognition;
    private readonly string _firstService;
    private readonly ILogger _logger;
    private readonly int _maxMessageBytes;

    public GrpcEndpoints(IServiceProvider services, KestrelServerTransport transport)
    {
        _transport = transport;
        _logger = services.GetRequiredService<ILoggerFactory>().CreateLogger<GrpcEndpoints>();
        _authorization = services.GetService<CallAuthorization>();
        _recognition = services.GetService<CallerRecognition>();
        _firstService = services.GetRequiredService<ICallAcceptor>().Routes.FirstOrDefault()?.Spec.Service ?? "";
        _maxMessageBytes = services.GetRequiredService<IOptions<MicroServerOptions>>().Value.MaxMessageBytes;
        var methods = new Dictionary<string, RequestDelegate>(StringComparer.Ordinal);
        foreach (var builtIn in services.GetServices<BuiltInGrpcService>())
        {
            Add(methods, services, builtIn.Bind(services), builtIn.IsExempt ? static _ => true : AdmitBuiltIn);
        }

        var definition = ServerServiceDefinition.CreateBuilder();
        foreach (var route in services.GetRequiredService<ICallAcceptor>().Routes)
        {
            definition.AddMethod(
                new Method<CallMessage, GrpcResponse>(
                    MethodType.DuplexStreaming, route.Spec.Contract, route.Spec.Method, GrpcResponse.RequestMarshaller, GrpcResponse.Marshaller),
                HandleAsync);
        }

        Add(methods, services, definition.Build(), Admit);
        _methods = methods.ToFrozenDictionary(StringComparer.Ordinal);
        _contracts = methods.Keys.Select(GrpcPath.Contract).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>Handles a gRPC call of a contract that is served; null when it is of none.</summary>
    public Task? TryHandle(HttpContext context)
    {
        var target = RawTarget(context);
        if (!_methods.TryGetValue(target, out var method))
        {
            // Before the host sees it, so that a method that does not exist is answered like one that does.
            return _contracts.Contains(GrpcPath.Contract(target)) ? RefuseUnknownAsync(context) : null;
        }

        return IsFramed(context) ? method(context) : Task.CompletedTask;
    }

    /// <summary>Answers a gRPC call that nobody in the process knows. What it is told is the pipeline's.</summary>
    public Task RefuseUnknownAsync(HttpContext context) => IsFramed(context) && IsOpen(context) ? RefuseAsync(context, GrpcRequestHead.Read(context.Request.Headers)) : Task.CompletedTask;

    private static string RawTarget(HttpContext context) => context.Features.Get<IHttpRequestFeature>()!.RawTarget;

    private static void Add(Dictionary<string, RequestDelegate> methods, IServiceProvider services, ServerServiceDefinition definition, Func<HttpContext, bool> admit)
    {
        var collector = new EndpointCollector(services);
        collector.MapGrpcService(definition);
        foreach (var endpoint in collector.DataSources.SelectMany(source => source.Endpoints))
        {
            if (endpoint.Metadata.GetMetadata<GrpcMethodMetadata>() is { } metadata)
            {
                var handle = endpoint.RequestDelegate!;
                var added = methods.TryAdd(metadata.Method.FullName, context =>
                {
                    // Telemetry of ASP.NET names requests by it.
                    context.SetEndpoint(endpoint);
                    return admit(context) ? handle(context) : Task.CompletedTask;
                });
                if (!added)
                {
                    throw new InvalidOperationException(
                        $"{metadata.Method.FullName} is a method of the server itself (health, reflection), and a service that was added has it too. Leave that service out.");
                }
            }
        }
    }

    /// <summary>HTTP's part of gRPC: POST over HTTP/2.</summary>
    private static bool IsFramed(HttpContext context)
    {
        var request = context.Request;
        if (!HttpProtocol.IsHttp2(request.Protocol) && !HttpProtocol.IsHttp3(request.Protocol))
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            context.Response.Headers.Upgrade = "h2";
            return false;
        }

        if (!HttpMethods.IsPost(request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = "POST";
            return false;
        }

        return true;
    }

    /// <summary>What is decided from the headers, before grpc-dotnet begins. False: it was answered.</summary>
    private bool Admit(HttpContext context)
    {
        if (!IsOpen(context))
        {
            return false;
        }

        // The pipeline keeps the deadline, over every transport alike; a second clock here would only race with it.
        var head = GrpcRequestHead.Read(context.Request.Headers);
        context.Request.Headers.Remove("grpc-timeout");
        context.Features.Set(head);
        return true;
    }

    /// <summary>The same decision for what the pipeline does not serve.</summary>
    private bool AdmitBuiltIn(HttpContext context)
    {
        var target = RawTarget(context);
        var resource = new ProtectedResource(ResourceKind.Call, GrpcPath.Contract(target), target[(target.LastIndexOf('/') + 1)..]);
        if (!IsOpen(context))
        {
            return false;
        }

        var call = Incoming(context, target, GrpcRequestHead.Read(context.Request.Headers), new RefusalStream(context));
        if (_authorization is null || _recognition is null)
        {
            return Refuse(context, new CallEnd(CallAuthorization.Denial(call.Caller)));
        }

        var caller = _recognition.Recognize(call, _firstService);
        return (caller.Refusal ?? _authorization.Refusal(caller.Caller, resource, call.TraceParent)) is not { } denied || Refuse(context, new CallEnd(denied));
    }

    /// <summary>Whether calls are taken at all, and so. False: it was answered.</summary>
    private bool IsOpen(HttpContext context) =>
        _transport.Acceptor is null ? Refuse(context, RefusingAcceptor.NotListening)
        : _transport.IsOpenTo(context) || Refuse(context, RefusingAcceptor.Plaintext);

    private static bool Refuse(HttpContext context, CallEnd end)
    {
        GrpcTrailers.WriteOnly(context, end, GrpcPath.Contract(RawTarget(context)));
        return false;
    }

    private async Task RefuseAsync(HttpContext context, GrpcRequestHead head)
    {
        if (_transport.Acceptor is not { } acceptor)
        {
            Refuse(context, RefusingAcceptor.NotListening);
            return;
        }

        await acceptor.AcceptAsync(Incoming(context, RawTarget(context), head, new RefusalStream(context)));
    }

    private async Task HandleAsync(IAsyncStreamReader<CallMessage> requests, IServerStreamWriter<GrpcResponse> responses, ServerCallContext context)
    {
        var http = context.GetHttpContext();
        var stream = new GrpcServerStream(requests, responses, context, http, _maxMessageBytes);
        if (_transport.Acceptor is not { } acceptor)
        {
            await stream.CompleteAsync(RefusingAcceptor.NotListening, CancellationToken.None);
            return;
        }

        // The answer is spelt as the question was.
        http.Response.ContentType = http.Request.ContentType;
        try
        {
            await acceptor.AcceptAsync(Incoming(http, RawTarget(http), http.Features.GetRequiredFeature<GrpcRequestHead>(), stream));
        }
        catch (Exception e)
        {
            // The acceptor promises not to throw; that it does is its defect, and none of the peer's business.
            AcceptorFailed(RawTarget(http), e);
            if (!stream.IsCompleted)
            {
                await stream.CompleteAsync(new CallEnd(new CallStatus(CallStatusCode.Internal, "The call failed inside the server.")), CancellationToken.None);
            }
        }
        finally
        {
            await stream.DisposeAsync();
        }
    }

    private static IncomingCall Incoming(HttpContext http, string path, GrpcRequestHead head, ICallStream stream) => new()
    {
        Path = path,
        ContentType = GrpcContentType.Read(http.Request.ContentType!),
        Headers = head.Headers,
        Stream = stream,
        Timeout = head.Timeout,
        PreviousAttempts = head.PreviousAttempts,
        TraceParent = head.TraceParent,
        TraceState = head.TraceState,
        Transport = "grpc",
        RemoteAddress = RemoteAddress(http),
        Caller = MeshPeer.CallerOf(http),
        IsFromOutside = EdgeTls.IsEdge(http),
        Refusal = head.Refusal,
        Aborted = http.RequestAborted,
    };

    private static string? RemoteAddress(HttpContext http)
    {
        var items = http.Features.Get<Microsoft.AspNetCore.Connections.Features.IConnectionItemsFeature>()?.Items;
        return items is not null && items.TryGetValue(KestrelServerTransport.RemoteAddressKey, out var text)
            ? (string?)text
            : http.Connection.RemoteIpAddress is { } ip ? new System.Net.IPEndPoint(ip, http.Connection.RemotePort).ToString() : null;
    }

    [LoggerMessage(1510, LogLevel.Error, "Accepting a call of {Path} failed.")]
    private partial void AcceptorFailed(string path, Exception exception);

    /// <summary>Takes the endpoints grpc-dotnet makes, without putting them into any routing.</summary>
    private sealed class EndpointCollector(IServiceProvider services) : IEndpointRouteBuilder
    {
        public IServiceProvider ServiceProvider => services;

        public ICollection<EndpointDataSource> DataSources { get; } = [];

        public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(services);
    }
}
