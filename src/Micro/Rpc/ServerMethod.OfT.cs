using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using Micro.Codecs;
using Micro.Internal;
using Micro.Transport;

namespace Micro.Rpc;

/// <summary>S5 and S6 of one method with its types: decode, interceptors, handler, encode.</summary>
internal sealed class ServerMethod<TRequest, TResponse> : ServerMethod
{
    private readonly CallMethod<TRequest, TResponse> _method;
    private readonly HostedContract _contract;
    private readonly FrozenDictionary<string, MessageCodecs<TRequest, TResponse>> _bindings;
    private readonly CallDelegate? _interceptors;

    public ServerMethod(
        CallMethod<TRequest, TResponse> method,
        HostedContract contract,
        Dictionary<string, MessageCodecs<TRequest, TResponse>> bindings,
        IReadOnlyList<ICallInterceptor> interceptors)
        : base(method.Description, contract.HandlerName, [.. bindings.Keys])
    {
        _method = method;
        _contract = contract;
        _bindings = bindings.ToFrozenDictionary(StringComparer.Ordinal);
        if (interceptors.Count > 0)
        {
            _interceptors = InterceptorChain.Build(interceptors, HandleAsync);
        }
    }

    public override CallStatus? CheckContentTypes(string contentType, string? accept)
    {
        var wrong = !_bindings.ContainsKey(contentType) ? contentType : accept is not null && !_bindings.ContainsKey(accept) ? accept : null;
        return wrong is null
            ? null
            : new CallStatus(
                CallStatusCode.InvalidArgument,
                $"Content type '{wrong}' is not accepted by {Spec}. Accepted: {string.Join(", ", Route.ContentTypes)}.",
                notProcessed: true);
    }

    public override ValueTask RunAsync(IncomingCall call, CallContext context)
    {
        var decoder = _bindings[call.ContentType].Request;
        var encoder = call.Accept is null ? _bindings[call.ContentType].Response : _bindings[call.Accept].Response;
        return Spec.Kind switch
        {
            CallKind.Unary => UnaryAsync(call, context, decoder, encoder),
            CallKind.ServerStream => ServerStreamAsync(call, context, decoder, encoder),
            CallKind.ClientStream => ClientStreamAsync(call, context, decoder, encoder),
            _ => DuplexAsync(call, context, decoder, encoder),
        };
    }

    private async ValueTask UnaryAsync(IncomingCall call, CallContext context, IMessageCodec<TRequest> decoder, IMessageCodec<TResponse> encoder)
    {
        var request = await ReadOneAsync(call, context, decoder);
        TResponse response;
        if (_interceptors is null)
        {
            response = await _method.UnaryHandler!(Handler(context), request, context);
        }
        else
        {
            response = await InterceptAsync<TResponse>(context, request);
        }

        await WriteAsync(call, context, encoder, response);
    }

    private async ValueTask ServerStreamAsync(IncomingCall call, CallContext context, IMessageCodec<TRequest> decoder, IMessageCodec<TResponse> encoder)
    {
        var request = await ReadOneAsync(call, context, decoder);
        var responses = _interceptors is null
            ? _method.ServerStreamHandler!(Handler(context), request, context)
            : await InterceptAsync<IAsyncEnumerable<TResponse>>(context, request);
        await WriteAllAsync(call, context, encoder, responses);
    }

    private async ValueTask ClientStreamAsync(IncomingCall call, CallContext context, IMessageCodec<TRequest> decoder, IMessageCodec<TResponse> encoder)
    {
        var requests = ReadAllAsync(call, context, decoder, context.CancellationToken);
        var response = _interceptors is null
            ? await _method.ClientStreamHandler!(Handler(context), requests, context)
            : await InterceptAsync<TResponse>(context, requests);
        await WriteAsync(call, context, encoder, response);
    }

    private async ValueTask DuplexAsync(IncomingCall call, CallContext context, IMessageCodec<TRequest> decoder, IMessageCodec<TResponse> encoder)
    {
        var requests = ReadAllAsync(call, context, decoder, context.CancellationToken);
        var responses = _interceptors is null
            ? _method.DuplexHandler!(Handler(context), requests, context)
            : await InterceptAsync<IAsyncEnumerable<TResponse>>(context, requests);
        await WriteAllAsync(call, context, encoder, responses);
    }

    private async ValueTask<T> InterceptAsync<T>(CallContext context, object? request)
    {
        context.Request = request;
        await _interceptors!(context);
        return InterceptorChain.Response<T>(context);
    }

    /// <summary>The innermost next of the interceptors.</summary>
    private async ValueTask HandleAsync(CallContext context)
    {
        var handler = Handler(context);
        context.Response = Spec.Kind switch
        {
            CallKind.Unary => await _method.UnaryHandler!(handler, InterceptorChain.Request<TRequest>(context), context),
            CallKind.ServerStream => _method.ServerStreamHandler!(handler, InterceptorChain.Request<TRequest>(context), context),
            CallKind.ClientStream => await _method.ClientStreamHandler!(handler, InterceptorChain.Request<IAsyncEnumerable<TRequest>>(context), context),
            _ => _method.DuplexHandler!(handler, InterceptorChain.Request<IAsyncEnumerable<TRequest>>(context), context),
        };
    }

    private object Handler(CallContext context) => _contract.Handler(context.Services);

    private async ValueTask<TRequest> ReadOneAsync(IncomingCall call, CallContext context, IMessageCodec<TRequest> decoder)
    {
        var message = await call.Stream.ReadAsync(context.CancellationToken);
        if (message is null)
        {
            throw new CallException(call.Stream.End is { Status.IsOk: false } end
                ? end.Status
                : new CallStatus(CallStatusCode.InvalidArgument, $"{Spec} needs a request message; none came."));
        }

        return Decode(decoder, message);
    }

    private async IAsyncEnumerable<TRequest> ReadAllAsync(
        IncomingCall call, CallContext context, IMessageCodec<TRequest> decoder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await call.Stream.ReadAsync(cancellationToken) is { } message)
        {
            context.Touch();
            yield return Decode(decoder, message);
        }

        // The client half-closed, or the call broke: the handler must not take the second for the first.
        if (call.Stream.End is { Status.IsOk: false } end)
        {
            throw new CallException(end.Status);
        }
    }

    private TRequest Decode(IMessageCodec<TRequest> decoder, CallMessage message)
    {
        try
        {
            return MessageCodecs<TRequest, TResponse>.Decode(decoder, message);
        }
        catch (CodecException e)
        {
            throw new CallException(new CallStatus(CallStatusCode.InvalidArgument, $"The request of {Spec} cannot be decoded: {e.Message}"), e);
        }
    }

    private async ValueTask WriteAllAsync(IncomingCall call, CallContext context, IMessageCodec<TResponse> encoder, IAsyncEnumerable<TResponse> responses)
    {
        await foreach (var response in responses.WithCancellation(context.CancellationToken))
        {
            await WriteAsync(call, context, encoder, response);
            context.Touch();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask WriteAsync(IncomingCall call, CallContext context, IMessageCodec<TResponse> encoder, TResponse response)
    {
        using var payload = PooledBufferWriter.Rent();
        encoder.Encode(response, payload);
        await call.Stream.WriteAsync(payload.WrittenMemory, context.CancellationToken);
    }
}
