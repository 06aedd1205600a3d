namespace Micro.Rpc;

/// <summary>
/// Behaviour around calls: one shape for both sides and all four kinds. On a client it runs once for a logical call, however many attempts that
/// takes, above the encoder; on a server around the handler, below the decoder. Thread-safe; the first registered is the outermost.
/// </summary>
public interface ICallInterceptor
{
    /// <summary>
    /// Does its work and calls <paramref name="next"/>. Before it, <see cref="CallContext.Request"/> may be read or replaced; after it,
    /// <see cref="CallContext.Response"/>. Throwing ends the call with the exception's status; not calling next needs a response to be set.
    /// </summary>
    ValueTask InvokeAsync(CallContext context, CallDelegate next);
}
