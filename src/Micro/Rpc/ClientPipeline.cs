using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Micro.Codecs;
using Micro.Internal;
using Micro.LoadBalancing;
using Micro.Transport;

namespace Micro.Rpc;

/// <summary>
/// The client's side of a call, C1 to C7 in the order they happen:
/// C1 context, deadline, cancellation, span · C2 interceptors · C3 encode · C4 retry · C5 pick · C6 open or call · C7 decode, status to result or exception.
/// </summary>
/// <remarks>
/// C2 is above C4: an interceptor sees one logical call with one deadline, however many attempts. C2 mirrors S6: both stand between user code and codec, so one
/// interceptor serves both sides. C3 is above C4: a retry sends the same bytes. C4 is above C5: a retry picks another instance. C5 sees counters, not sockets.
/// Streams walk the same steps; there C4 to C6 are <see cref="RetryingCallStream"/>.
/// </remarks>
internal sealed class ClientPipeline<
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TRequest,
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TResponse>
{
    private static readonly CallStatus Overdue = new(CallStatusCode.DeadlineExceeded);
    private static readonly CallStatus Abandoned = new(CallStatusCode.Cancelled);

    private readonly ClientChannel _channel;
    private readonly ClientServices _services;
    private readonly CallMethod<TRequest, TResponse> _method;
    private readonly CallSpec _spec;
    private readonly MessageCodecs<TRequest, TResponse> _codecs;
    private readonly CallDelegate? _interceptors;

    public ClientPipeline(ClientChannel channel, CallMethod<TRequest, TResponse> method)
    {
        _channel = channel;
        _services = channel.Services;
        _method = method;
        _spec = method.Spec;
        _codecs = CodecsOf(channel.Options.ContentType ?? _services.Codecs.DefaultFor<TRequest, TResponse>());
        if (_services.Interceptors.Count > 0)
        {
            _interceptors = InterceptorChain.Build(_services.Interceptors, InnermostAsync);
        }
    }

    /// <summary>One request, one response.</summary>
    public async Task<TResponse> UnaryAsync(TRequest request, CallContext? given, CancellationToken cancellationToken)
    {
        // C1
        var call = Begin(given, cancellationToken);
        var code = CallStatusCode.Ok;
        try
        {
            // C2
            if (_interceptors is null)
            {
                return await SendUnaryAsync(call.Context, request);
            }

            call.Context.Request = request;
            await _interceptors(call.Context);
            return InterceptorChain.Response<TResponse>(call.Context);
        }
        catch (Exception e)
        {
            var failure = call.Translate(e);
            code = CodeOf(failure);
            if (ReferenceEquals(failure, e))
            {
                throw;
            }

            throw failure;
        }
        finally
        {
            call.End(code);
        }
    }

    /// <summary>A stream of requests, one response.</summary>
    public async Task<TResponse> ClientStreamAsync(IAsyncEnumerable<TRequest> requests, CallContext? given, CancellationToken cancellationToken)
    {
        var call = Begin(given, cancellationToken);
        var code = CallStatusCode.Ok;
        try
        {
            call.Context.Request = requests;
            await (_interceptors ?? InnermostAsync)(call.Context);
            return InterceptorChain.Response<TResponse>(call.Context);
        }
        catch (Exception e)
        {
            var failure = call.Translate(e);
            code = CodeOf(failure);
            if (ReferenceEquals(failure, e))
            {
                throw;
            }

            throw failure;
        }
        finally
        {
            call.End(code);
        }
    }

    /// <summary>One request, a stream of responses.</summary>
    public IAsyncEnumerable<TResponse> ServerStreamAsync(TRequest request, CallContext? given, CancellationToken cancellationToken) =>
        ResponsesAsync(request, given, CallOptions.Current, cancellationToken);

    /// <summary>A stream each way.</summary>
    public IAsyncEnumerable<TResponse> DuplexAsync(IAsyncEnumerable<TRequest> requests, CallContext? given, CancellationToken cancellationToken) =>
        ResponsesAsync(requests, given, CallOptions.Current, cancellationToken);

    private async IAsyncEnumerable<TResponse> ResponsesAsync(
        object? request, CallContext? given, CallOptions? ambient, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // C1
        var call = Begin(given ?? CallContext.ForClient(ambient), cancellationToken);
        var code = CallStatusCode.Cancelled;
        IAsyncEnumerator<TResponse>? responses = null;
        try
        {
            // C2: next() gives the stream of responses; an interceptor that wants to see them wraps it.
            call.Context.Request = request;
            try
            {
                await (_interceptors ?? InnermostAsync)(call.Context);
                responses = InterceptorChain.Response<IAsyncEnumerable<TResponse>>(call.Context).GetAsyncEnumerator(call.Context.CancellationToken);
            }
            catch (Exception e)
            {
                var failure = call.Translate(e);
                code = CodeOf(failure);
                ExceptionDispatchInfo.Throw(failure);
            }

            while (true)
            {
                try
                {
                    if (!await responses.MoveNextAsync())
                    {
                        code = CallStatusCode.Ok;
                        yield break;
                    }
                }
                catch (Exception e)
                {
                    var failure = call.Translate(e);
                    code = CodeOf(failure);
                    ExceptionDispatchInfo.Throw(failure);
                }

                yield return responses.Current;
            }
        }
        finally
        {
            // Also when the caller stopped enumerating early: that cancels the call.
            if (responses is not null)
            {
                await responses.DisposeAsync();
            }

            call.End(code);
        }
    }

    /// <summary>Below C2, for every kind: what the interceptors' innermost next does.</summary>
    private async ValueTask InnermostAsync(CallContext context) => context.Response = _spec.Kind switch
    {
        CallKind.Unary => await SendUnaryAsync(context, InterceptorChain.Request<TRequest>(context)),
        CallKind.ClientStream => await SendStreamAsync(context, InterceptorChain.Request<IAsyncEnumerable<TRequest>>(context)),
        CallKind.ServerStream => ReceiveOneAsync(context, InterceptorChain.Request<TRequest>(context)),
        _ => ReceiveAsync(context, InterceptorChain.Request<IAsyncEnumerable<TRequest>>(context), context.Options?.RouteKey),
    };

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<TResponse> SendUnaryAsync(CallContext context, TRequest request)
    {
        // C3: encode once; a retry re-sends the same bytes.
        var codecs = CodecsFor(context);
        using var payload = PooledBufferWriter.Rent();
        MessageCodecs.Encode(_spec, codecs.Request, request, payload);

        // C4
        var key = RouteKeyOf(context, request);
        CallAttempts? attempts = null;
        while (true)
        {
            var attempt = attempts?.Tried.Count ?? 0;

            // C5: one volatile read of the instances; waits only while there is no snapshot yet.
            var target = await _channel.PickAsync(Pick(key, attempt), context.Options?.Address, attempts, context.CancellationToken);

            // C6
            var reply = await CallAsync(target, Outgoing(context, codecs.ContentType, attempt), payload.WrittenMemory, context);
            if (reply.End.Status.IsOk)
            {
                // C7
                _channel.Budget.Succeeded();
                context.SetResponseHeaders(reply.Headers);
                context.SetResponseTrailers(reply.End.Trailers);
                return Decode(codecs, reply.Message!);
            }

            attempts ??= new CallAttempts(_channel, _spec, context);
            attempts.Add(target, reply.End.Status);
            if (!await attempts.ShouldRetryAsync(reply.End, context.Remaining, context.CancellationToken))
            {
                context.SetResponseHeaders(reply.Headers);
                context.SetResponseTrailers(reply.End.Trailers);
                throw attempts.Failure(reply.End.Status);
            }
        }
    }

    /// <summary>C6 for unary: the short way where the transport has one, else a stream of one message each way.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<UnaryReply> CallAsync(CallTarget target, OutgoingCall outgoing, ReadOnlyMemory<byte> payload, CallContext context)
    {
        var cancellationToken = context.CancellationToken;
        var status = Overdue;
        try
        {
            var reply = target.Connection.Unary is { } unary
                ? await unary.CallAsync(outgoing, payload, cancellationToken)
                : await UnaryOverStream.CallAsync(target.Connection.Connection, outgoing, payload, cancellationToken);
            if (reply.End.Status.IsOk && reply.Message is null)
            {
                reply = new UnaryReply(new CallEnd(UnaryOverStream.NoResponse), null, reply.Headers);
            }

            status = reply.End.Status;
            return reply;
        }
        catch (CallException e)
        {
            status = e.Status;
            return new UnaryReply(new CallEnd(e.Status));
        }
        catch (OperationCanceledException) when (context.Remaining is null or { Ticks: > 0 })
        {
            // The caller changed its mind, which says nothing of the instance.
            status = Abandoned;
            throw;
        }
        catch (OperationCanceledException)
        {
            (context.Tried ??= []).Add(new CallAttempt(target.State.Instance.Id, target.Connection.Address, Overdue));
            throw;
        }
        finally
        {
            _channel.Report(target.State, status);
            target.Release();
        }
    }

    private async ValueTask<TResponse> SendStreamAsync(CallContext context, IAsyncEnumerable<TRequest> requests)
    {
        var single = default(TResponse);
        var count = 0;
        await foreach (var response in ReceiveAsync(context, requests, context.Options?.RouteKey))
        {
            single = response;
            count++;
        }

        return count == 1
            ? single!
            : throw new CallException(CallStatusCode.Internal, $"{_spec} answered with {count} messages where one was expected.");
    }

    private IAsyncEnumerable<TResponse> ReceiveOneAsync(CallContext context, TRequest request) => ReceiveAsync(context, One(request), RouteKeyOf(context, request));

    /// <summary>C3 to C7 for streams: sends in the background, yields what comes back, throws the outcome unless it is OK.</summary>
    private async IAsyncEnumerable<TResponse> ReceiveAsync(
        CallContext context, IAsyncEnumerable<TRequest> requests, string? key, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var codecs = CodecsFor(context);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, cancellationToken);
        var stream = new RetryingCallStream(_channel, _spec, context, codecs.ContentType, key);
        var sender = new RequestSender<TRequest>(stream, _spec, codecs.Request, requests, stop);
        var headersWanted = IsShared(context);
        sender.Start();
        try
        {
            while (await stream.ReadAsync(stop.Token) is { } message)
            {
                if (headersWanted)
                {
                    // They came before the message, and are there from now on for who gave the context.
                    context.SetResponseHeaders(await HeadersAsync(stream, message, stop.Token));
                    headersWanted = false;
                }

                yield return Decode(codecs, message);
            }

            if (headersWanted)
            {
                context.SetResponseHeaders(await stream.HeadersAsync(stop.Token));
            }

            context.SetResponseTrailers(stream.End!.Trailers);
            if (!stream.End.Status.IsOk)
            {
                throw stream.Failure();
            }
        }
        finally
        {
            // The server ended, failed, or the caller stopped listening: whichever, nothing more is to be sent.
            await stop.CancelAsync();
            var failed = await sender.EndAsync();
            await stream.DisposeAsync();
            if (failed is not null)
            {
                ExceptionDispatchInfo.Throw(failed);
            }
        }
    }

    private static async ValueTask<CallHeaders> HeadersAsync(RetryingCallStream stream, CallMessage message, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.HeadersAsync(cancellationToken);
        }
        catch
        {
            message.Dispose();
            throw;
        }
    }

    private static async IAsyncEnumerable<TRequest> One(TRequest request)
    {
        await ValueTask.CompletedTask;
        yield return request;
    }

    private static CallStatusCode CodeOf(Exception failure) =>
        failure is OperationCanceledException ? CallStatusCode.Cancelled : CallException.StatusOf(failure)?.Code ?? CallStatusCode.Unknown;

    /// <summary>C1: who calls, until when, and what cancels it.</summary>
    private ClientCall Begin(CallContext? given, CancellationToken cancellationToken)
    {
        var context = given ?? CallContext.ForClient(CallOptions.Current);
        context.Begin(_spec, _services.Provider);
        var timeout = context.Options?.Timeout
            ?? (_spec.Kind is CallKind.Unary or CallKind.ClientStream ? _channel.Options.Timeout : Timeout.InfiniteTimeSpan);
        if (context.Options?.Headers is { } headers)
        {
            context.RequestHeaders.Merge(headers);
        }

        // Interceptors and callers that gave a context may keep the token longer than the call, so then it is not a pooled one.
        var pooled = !IsShared(context);
        var idle = _spec.Kind == CallKind.Unary ? Timeout.InfiniteTimeSpan : _channel.Options.StreamIdleTimeout;
        return ClientCall.Begin(_spec, context, _services, new CallTimes(timeout, idle), pooled, cancellationToken);
    }

    private OutgoingCall Outgoing(CallContext context, string contentType, int attempt) =>
        ClientCall.Outgoing(_spec, context, contentType, attempt, IsShared(context));

    /// <summary>Whether anyone outside of the pipeline sees the context.</summary>
    private bool IsShared(CallContext context) => _interceptors is not null || context.WasGiven;

    private PickContext Pick(string? key, int attempt) => key is null
        ? new PickContext(_services.Random.Next(), Attempt: attempt)
        : new PickContext(_services.Random.Next(), InstanceState.HashOf(key), HasKey: true, attempt);

    private string? RouteKeyOf(CallContext context, TRequest request) => context.Options?.RouteKey ?? _method.RouteKey?.Invoke(request);

    private MessageCodecs<TRequest, TResponse> CodecsFor(CallContext context) =>
        context.Options?.ContentType is { } wanted && wanted != _codecs.ContentType ? CodecsOf(wanted) : _codecs;

    private MessageCodecs<TRequest, TResponse> CodecsOf(string contentType) =>
        MessageCodecs.Find<TRequest, TResponse>(_services.Codecs, contentType)
        ?? throw new InvalidOperationException(
            $"{_spec} cannot be called with content type '{contentType}': no codec carries {typeof(TRequest).Name} and {typeof(TResponse).Name}. Possible: {string.Join(", ", _services.Codecs.ContentTypesFor<TRequest, TResponse>())}.");

    private TResponse Decode(MessageCodecs<TRequest, TResponse> codecs, CallMessage message)
    {
        try
        {
            return MessageCodecs<TRequest, TResponse>.Decode(codecs.Response, message);
        }
        catch (CodecException e)
        {
            throw new CallException(new CallStatus(CallStatusCode.Internal, $"The response of {_spec} cannot be decoded: {e.Message}"), e);
        }
    }
}
