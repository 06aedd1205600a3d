using Micro.Codecs;
using Micro.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Micro.Rpc;

/// <summary>
/// The server's side of a call, S1 to S6 in the order they happen:
/// S1 accept · S2 identify the peer · S3 route to the method · S4 authorise · S5 decode, encode · S6 interceptors, handler.
/// </summary>
/// <remarks>
/// S2 is before S3 and S4 before S5: nothing an unauthorised caller sent is decoded, and no user code runs for it. Authorisation is a step here, not an interceptor
/// that one can forget; it decides on the method that was found, never on the path, and is asked again for a stream when the rules change. S5 and S6 are in <see cref="ServerMethod{TRequest,TResponse}"/>.
/// </remarks>
internal sealed partial class ServerPipeline : ICallAcceptor
{
    private static readonly CallStatus Draining = new(CallStatusCode.Unavailable, "The service is draining: it is about to stop.", notProcessed: true);
    private static readonly CallStatus CutOff = new(CallStatusCode.Unavailable, "The call was ended because the service is draining.");
    private static readonly CallStatus Busy = new(CallStatusCode.ResourceExhausted, "The service handles as many calls as it may (Micro:Server:MaxConcurrentCalls).", notProcessed: true);
    private static readonly CallStatus Late = new(CallStatusCode.DeadlineExceeded, "The deadline had passed when the call arrived.", notProcessed: true);
    private static readonly CallStatus Overdue = new(CallStatusCode.DeadlineExceeded, "The deadline passed while the call was handled.");
    private static readonly CallStatus Idle = new(CallStatusCode.DeadlineExceeded, "No message went either way for too long (Micro:Server:StreamIdleTimeout).");
    private static readonly CallStatus Cancelled = new(CallStatusCode.Cancelled, "The caller cancelled the call.");
    private static readonly CallStatus Failed = new(CallStatusCode.Internal, "The handler failed. Its log has the reason.");

    private static readonly TimeSpan CancelGrace = TimeSpan.FromSeconds(1);

    private readonly CallRouter _router;
    private readonly IServiceScopeFactory _scopes;
    private readonly RpcServerOptions _options;
    private readonly CallTelemetry _telemetry;
    private readonly CallAuthorization _authorization;
    private readonly CallerRecognition _recognition;
    private readonly string _fallbackService;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Action<Exception> _callbackFailed;
    private readonly CancellationTokenSource _drainStreams = new();
    private readonly CancellationTokenSource _drainAll = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _draining;
    private int _active;

    public ServerPipeline(
        IEnumerable<HostedContract> contracts,
        CodecSet codecs,
        ServerInterceptors interceptors,
        IServiceScopeFactory scopes,
        IOptions<RpcServerOptions> options,
        ServerRuntime runtime)
    {
        _scopes = scopes;
        _options = options.Value;
        _telemetry = runtime.Telemetry;
        _authorization = runtime.Authorization;
        _recognition = runtime.Recognition;
        _clock = runtime.Clock;
        _logger = runtime.Loggers.CreateLogger("Micro.Rpc");
        _callbackFailed = CallbackFailed;
        _router = new CallRouter(contracts.SelectMany(contract =>
        {
            var factory = new ServerMethodFactory(contract, codecs, interceptors.All);
            return contract.Contract.Methods.Select(method => method.CreateServerMethod(factory));
        }));
        _fallbackService = Routes.FirstOrDefault()?.Spec.Service ?? "";
    }

    public IReadOnlyCollection<CallRoute> Routes => _router.Routes;

    /// <summary>Calls being handled now.</summary>
    public int ActiveCalls => Volatile.Read(ref _active);

    public CallRoute? Find(string path) => _router.Find(path)?.Route;

    public async ValueTask AcceptAsync(IncomingCall call)
    {
        // S1
        Interlocked.Increment(ref _active);
        try
        {
            // S2: the connection was judged by the transport, and which listeners may be plaintext at all is decided where they are opened. The method is looked up
            // before, because a token is good for one service only; nothing is said of it yet.
            var method = _router.Find(call.Path);
            var caller = _recognition.Recognize(call, method?.Spec.Service ?? _fallbackService);

            // S3
            var refusal = caller.Refusal ?? (method is null ? Unknown(call, caller.Caller) : Refusal(method, call, caller.Caller));
            if (refusal is not null)
            {
                await CompleteAsync(call, new CallEnd(refusal));
                return;
            }

            await HandleAsync(call, method!, caller);
        }
        finally
        {
            if (Interlocked.Decrement(ref _active) == 0 && _draining)
            {
                _idle.TrySetResult();
            }
        }
    }

    /// <summary>
    /// Stops taking calls: new ones are refused as not processed, streams are ended with UNAVAILABLE, the rest may finish until the timeout and is cancelled then.
    /// </summary>
    public async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        _draining = true;
        await _drainStreams.CancelAsync();
        if (ActiveCalls == 0)
        {
            _idle.TrySetResult();
        }

        if (await IsIdleWithinAsync(_options.DrainTimeout, cancellationToken))
        {
            return;
        }

        DrainTimedOut(ActiveCalls, _options.DrainTimeout);
        await _drainAll.CancelAsync();

        // Handlers that obey their token need a moment to tell their callers.
        await IsIdleWithinAsync(CancelGrace, cancellationToken);
    }

    private async ValueTask<bool> IsIdleWithinAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        try
        {
            await _idle.Task.WaitAsync(time, _clock, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>
    /// Why a call to a known method is not handled; null when it is. S4 comes first: whoever has no right to call learns nothing else, and nothing that a method
    /// that does not exist would not say.
    /// </summary>
    private CallStatus? Refusal(ServerMethod method, IncomingCall call, Caller caller)
    {
        // S4
        if (_authorization.Refusal(caller, method, call) is { } denied)
        {
            return denied;
        }

        if (_draining)
        {
            return Draining;
        }

        if (ActiveCalls > _options.MaxConcurrentCalls)
        {
            return Busy;
        }

        if (call.Refusal is { } refusal)
        {
            return refusal;
        }

        return call.Timeout <= TimeSpan.Zero ? Late : method.CheckContentTypes(call.ContentType, call.Accept);
    }

    /// <summary>What a call of nothing is told: that it is nothing, or the same as a denial to those who may call nothing near it.</summary>
    private CallStatus Unknown(IncomingCall call, Caller caller) =>
        _authorization.UnknownRefusal(caller, _router.Near(call.Path), call) ?? call.Refusal ?? _router.NotFound(call.Path);

    private async ValueTask HandleAsync(IncomingCall call, ServerMethod method, RecognizedCaller recognized)
    {
        var caller = recognized.Caller;
        var span = _telemetry.StartServer(method.Spec, call.TraceParent, call.TraceState);
        using var cancellation = CallCancellation.Create(_clock, _callbackFailed);
        var responseHeaders = await call.Stream.HeadersAsync(CancellationToken.None);
        var scope = _scopes.CreateAsyncScope();
        var context = CallContext.ForServer(method.Spec, call, caller, scope.ServiceProvider, responseHeaders);
        Begin(call, context, cancellation);
        using var revocation = method.Spec.Kind == CallKind.Unary ? null : RevocationWatch.Start(_authorization, recognized, method, cancellation, _clock);
        context.Enter();
        var status = CallStatus.Ok;
        try
        {
            // S5, S6
            await method.RunAsync(call, context);
            if (method.Spec.Kind != CallKind.Unary)
            {
                // A handler may take its token for the end of its work; to the caller a stream that was cut off must not look complete.
                cancellation.Token.ThrowIfCancellationRequested();
            }
        }
        catch (Exception e)
        {
            status = revocation is { IsRevoked: true } ? CallAuthorization.Denial(caller) : StatusOf(e, call, context, method);
        }

        var end = new CallEnd(status, context.ResponseTrailersOrNull) { RetryPushback = context.RetryPushback };
        context.End();
        await CompleteAsync(call, end);
        span.Stop(status.Code);
        await DisposeAsync(scope, method);
    }

    /// <summary>Until when the call may run, and what cancels it.</summary>
    private void Begin(IncomingCall call, CallContext context, CallCancellation cancellation)
    {
        var streaming = context.Spec!.Kind != CallKind.Unary;
        if (call.Timeout is { } timeout && Deadlines.After(_clock, timeout) is var deadline and not Deadlines.None)
        {
            context.SetDeadline(_clock, deadline);
            cancellation.CancelAfter(timeout);
        }

        cancellation.Link(call.Aborted);
        cancellation.Link(streaming ? _drainStreams.Token : default);
        cancellation.Link(_drainAll.Token);
        context.SetCancellation(cancellation, streaming ? _options.StreamIdleTimeout : TimeSpan.Zero);
        context.CancellationToken = cancellation.Token;
        context.Touch();
    }

    /// <summary>The call has its outcome; what its services throw on their way out is for the log.</summary>
    private async ValueTask DisposeAsync(AsyncServiceScope scope, ServerMethod method)
    {
        try
        {
            await scope.DisposeAsync();
        }
        catch (Exception e)
        {
            ServicesNotDisposed(method.Spec.Path, e);
        }
    }

    /// <summary>From what a handler threw to what its caller is told. Only what is meant for the caller leaves the process (TRN-13).</summary>
    private CallStatus StatusOf(Exception exception, IncomingCall call, CallContext context, ServerMethod method)
    {
        if (exception is CallException failure)
        {
            // A handler ran, whatever a call further down says of itself: this call is not one to repeat unasked.
            return new CallStatus(failure.Status.Code, failure.Status.Message, failure.Status.Details);
        }

        if (exception is OperationCanceledException && context.CancellationToken.IsCancellationRequested)
        {
            return call.Aborted.IsCancellationRequested ? Cancelled
                : context.Remaining == TimeSpan.Zero ? Overdue
                : _draining ? CutOff
                : Idle;
        }

        if (exception is CodecException)
        {
            ResponseNotEncoded(method.Spec.Path, exception);
            return new CallStatus(CallStatusCode.Internal, $"The response of {method.Spec} cannot be encoded: {exception.Message}");
        }

        HandlerFailed(method.Spec.Path, exception);
        return Failed;
    }

    private async ValueTask CompleteAsync(IncomingCall call, CallEnd end)
    {
        try
        {
            await call.Stream.CompleteAsync(end, CancellationToken.None);
        }
        catch (Exception e) when (e is CallException or OperationCanceledException or IOException)
        {
            // The caller is gone; there is nobody to tell.
            OutcomeNotSent(call.Path, end.Status.Code, e);
        }
    }

    [LoggerMessage(1220, LogLevel.Error, "The handler of {Path} failed.")]
    private partial void HandlerFailed(string path, Exception exception);

    [LoggerMessage(1221, LogLevel.Error, "A response of {Path} could not be encoded.")]
    private partial void ResponseNotEncoded(string path, Exception exception);

    [LoggerMessage(1223, LogLevel.Debug, "The outcome {Code} of a call of {Path} could not be sent: the caller is gone.")]
    private partial void OutcomeNotSent(string path, CallStatusCode code, Exception exception);

    [LoggerMessage(1225, LogLevel.Error, "The services of a call of {Path} could not be disposed.")]
    private partial void ServicesNotDisposed(string path, Exception exception);

    [LoggerMessage(1226, LogLevel.Error, "A callback that was registered with the token of a call failed.")]
    private partial void CallbackFailed(Exception exception);

    [LoggerMessage(1224, LogLevel.Warning, "{Active} calls were still running after the drain timeout of {Timeout}; they are cancelled.")]
    private partial void DrainTimedOut(int active, TimeSpan timeout);
}

/// <summary>Clock and other leaves of the server pipeline.</summary>
internal sealed record ServerRuntime(
    TimeProvider Clock, CallTelemetry Telemetry, CallAuthorization Authorization, CallerRecognition Recognition, ILoggerFactory Loggers);
