using System.Diagnostics;
using Micro.Rpc;
using Micro.Transport;

namespace Micro;

/// <summary>
/// One call in progress, on either side. On a server it is <see cref="Current"/> while the handler runs and may be a parameter of the contract method
/// in place of the token; on a client it is made by the pipeline, or by the caller who wants to give options and see the response headers.
/// Belongs to one call: not to be used again, nor after the call ended.
/// </summary>
public sealed class CallContext
{
    private static readonly AsyncLocal<CallContext?> Ambient = new();

    private CallHeaders? _requestHeaders;
    private CallHeaders? _responseHeaders;
    private CallHeaders? _responseTrailers;
    private CallSpec? _spec;
    private IServiceProvider? _services;
    private object? _request;
    private object? _response;
    private CallCancellation? _cancellation;
    private TimeSpan _idleTimeout;
    private bool _ended;

    /// <summary>Makes the context of a call to be made.</summary>
    /// <param name="options">Options of this call, or null.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public CallContext(CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        Options = options;
        CancellationToken = cancellationToken;
    }

    /// <summary>A context the pipeline makes itself.</summary>
    internal static CallContext ForClient(CallOptions? options) => new(options) { WasGiven = false };

    /// <summary>True when the caller made the context, and so may look at the response headers.</summary>
    internal bool WasGiven { get; private init; } = true;

    /// <summary>The call that is being handled in this asynchronous flow; null outside of a handler.</summary>
    /// <exception cref="InvalidOperationException">The handler has ended; code that outlives it must copy what it needs before.</exception>
    public static CallContext? Current
    {
        get
        {
            var current = Ambient.Value;
            return current is { _ended: true } ? throw Ended() : current;
        }
    }

    /// <summary>The call being handled, for outgoing calls to inherit from; null also for code that outlived its handler.</summary>
    internal static CallContext? Outer => Ambient.Value is { _ended: false } current ? current : null;

    /// <summary>What is called. Null until a client's call was begun.</summary>
    public CallSpec? Spec => _spec;

    /// <summary>Options given with the call; null on a server.</summary>
    public CallOptions? Options { get; }

    /// <summary>True on the side that handles the call.</summary>
    public bool IsServer { get; private init; }

    /// <summary>On a server: the caller's headers. On a client: those to send.</summary>
    public CallHeaders RequestHeaders => Alive()._requestHeaders ??= new CallHeaders();

    /// <summary>On a server: headers to answer with, to be set before the first message goes out. On a client: those received.</summary>
    public CallHeaders ResponseHeaders => Alive()._responseHeaders ??= new CallHeaders();

    /// <summary>Headers that follow the last message.</summary>
    public CallHeaders ResponseTrailers => Alive()._responseTrailers ??= new CallHeaders();

    /// <summary>Fires when the caller cancelled or went away, the deadline passed, or (on a server) the process drains.</summary>
    public CancellationToken CancellationToken { get; internal set; }

    /// <summary>Time left until the deadline, zero when it passed; null without one.</summary>
    public TimeSpan? Remaining
    {
        get
        {
            if (Clock is null || DeadlineTicks is not { } deadline)
            {
                return null;
            }

            var left = Clock.GetElapsedTime(Clock.GetTimestamp(), deadline);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>
    /// On a server: the services of this call's own scope. On a client: those of the host.
    /// </summary>
    public IServiceProvider Services => Alive()._services ?? throw new InvalidOperationException("The call has not begun.");

    /// <summary>For interceptors: the request message, or the <see cref="IAsyncEnumerable{T}"/> of requests. Replacing it needs the same type.</summary>
    public object? Request
    {
        get => Alive()._request;
        set => Alive()._request = value;
    }

    /// <summary>For interceptors, after next: the response message, or the <see cref="IAsyncEnumerable{T}"/> of responses.</summary>
    public object? Response
    {
        get => Alive()._response;
        set
        {
            Alive()._response = value;
            HasResponse = true;
        }
    }

    /// <summary>Attempts that came before this one, by the caller's account (on a server).</summary>
    public int PreviousAttempts { get; private init; }

    /// <summary>On a server: who calls, as it was verified. On a client: nobody.</summary>
    public Caller Caller { get; private init; } = Caller.Anonymous;

    /// <summary>On a server: the account the calling service speaks for; null when there is none, or the account is the caller itself.</summary>
    public Account? OnBehalfOf => Caller.OnBehalfOf;

    /// <summary>Where the caller is, for logs; null when not known.</summary>
    public string? RemoteAddress { get; private init; }

    /// <summary>
    /// On a server, for a call that fails: how long the caller is asked to wait before a retry; negative asks it not to retry. Null says nothing.
    /// </summary>
    public TimeSpan? RetryPushback { get; set; }

    /// <summary>Clock of the deadline; null when there is none.</summary>
    internal TimeProvider? Clock { get; private set; }

    /// <summary>Timestamp of <see cref="Clock"/> at which the deadline passes.</summary>
    internal long? DeadlineTicks { get; private set; }

    /// <summary>Whether a response was set, be it null.</summary>
    internal bool HasResponse { get; private set; }

    /// <summary>Attempts that failed so far; null while there are none. For the error the caller gets to see.</summary>
    internal List<CallAttempt>? Tried { get; set; }

    /// <summary>On a server: the call's transport, for what a transport can do beside messages.</summary>
    internal ICallStream? Stream { get; private init; }

    internal bool HasRequestHeaders => _requestHeaders is { Count: > 0 };

    internal CallHeaders? ResponseHeadersOrNull => _responseHeaders;

    internal CallHeaders? ResponseTrailersOrNull => _responseTrailers;

    internal static CallContext ForServer(CallSpec spec, IncomingCall call, Caller caller, IServiceProvider services, CallHeaders responseHeaders) => new()
    {
        IsServer = true,
        _spec = spec,
        _requestHeaders = call.Headers,
        _responseHeaders = responseHeaders,
        _services = services,
        PreviousAttempts = call.PreviousAttempts,
        Caller = caller,
        RemoteAddress = call.RemoteAddress,
        Stream = call.Stream,
    };

    /// <summary>The source of the token while the call runs, and how long a stream may be idle; set by the pipelines.</summary>
    internal void SetCancellation(CallCancellation? cancellation, TimeSpan idleTimeout)
    {
        _cancellation = cancellation;
        _idleTimeout = idleTimeout;
    }

    /// <summary>A message went by: the stream is not idle, so its time starts anew.</summary>
    internal void Touch()
    {
        if (_idleTimeout > TimeSpan.Zero)
        {
            _cancellation?.CancelAfter(Remaining is { } left && left < _idleTimeout ? left : _idleTimeout);
        }
    }

    internal void Begin(CallSpec spec, IServiceProvider services)
    {
        if (Interlocked.CompareExchange(ref _spec, spec, null) is { } other)
        {
            throw new InvalidOperationException($"This CallContext belongs to a call of {other} already. Make a new one for each call.");
        }

        _services = services;
    }

    internal void SetDeadline(TimeProvider clock, long timestamp)
    {
        Clock = clock;
        DeadlineTicks = timestamp;
    }

    internal void SetResponseHeaders(CallHeaders? headers) => _responseHeaders = headers ?? _responseHeaders;

    internal void SetResponseTrailers(CallHeaders? trailers) => _responseTrailers = trailers ?? _responseTrailers;

    /// <summary>Makes this the current call of the asynchronous flow; reverted when the calling async method returns.</summary>
    internal void Enter() => Ambient.Value = this;

    /// <summary>The handler ended: from now on <see cref="Current"/> throws for code that kept the flow.</summary>
    internal void End() => _ended = true;

    private static InvalidOperationException Ended() =>
        new("The call this code was started from has ended. Copy what is needed from CallContext before the handler returns.");

    private CallContext Alive()
    {
        if (_ended && IsServer)
        {
            throw Ended();
        }

        Debug.Assert(!_ended || IsServer, "Only server contexts end.");
        return this;
    }
}
