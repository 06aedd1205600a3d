namespace Micro.Rpc;

/// <summary>
/// Options of one call, over those of the client. Immutable, so that one object can serve many calls. Given by a <see cref="CallContext"/> where the contract takes
/// one, else for all calls of a scope by <see cref="Use"/>.
/// </summary>
public sealed record CallOptions
{
    private static readonly AsyncLocal<CallOptions?> Ambient = new();

    /// <summary>
    /// Time for the whole call, all attempts included. Null: the client's default (5 s for unary and client stream, none for the others).
    /// <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>: none. The deadline of the call being handled always caps it.
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Headers to send with those of the client.</summary>
    public CallHeaders? Headers { get; init; }

    /// <summary>Calls this address, without discovery and balancing. Null: resolve.</summary>
    public Uri? Address { get; init; }

    /// <summary>Calls with the same key go to the same instance. Null: the contract's <c>[RouteKey]</c>, if any.</summary>
    public string? RouteKey { get; init; }

    /// <summary>Content type to send and accept. Null: the client's, else the contract's.</summary>
    public string? ContentType { get; init; }

    /// <summary>Most attempts, 1 to 5; 1 means no retry. Null: the client's (3).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is set to something else.</exception>
    public int? MaxAttempts
    {
        get;
        init => field = value is < 1 or > 5 ? throw new ArgumentOutOfRangeException(nameof(value), value, "A call has 1 to 5 attempts.") : value;
    }

    /// <summary>Uses these options for the calls made until the result is disposed, in this asynchronous flow.</summary>
    public static Scope Use(CallOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var outer = Ambient.Value;
        Ambient.Value = options;
        return new Scope(outer);
    }

    internal static CallOptions? Current => Ambient.Value;

    /// <summary>Ends the use of options given to <see cref="Use"/>.</summary>
    public readonly struct Scope : IDisposable
    {
        private readonly CallOptions? _outer;

        internal Scope(CallOptions? outer) => _outer = outer;

        /// <summary>Puts back what was in use before.</summary>
        public void Dispose() => Ambient.Value = _outer;
    }
}
