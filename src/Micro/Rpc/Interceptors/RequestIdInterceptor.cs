using Micro.Internal;

namespace Micro.Rpc.Interceptors;

/// <summary>
/// Gives every call a request id in the header <c>x-request-id</c>: the caller's, that of the call being handled, or a new one; and answers with it.
/// Added by <c>AddRequestId()</c>.
/// </summary>
internal sealed class RequestIdInterceptor(RandomSource random) : ICallInterceptor
{
    public const string Header = "x-request-id";

    private const int MaxLength = 128;

    public ValueTask InvokeAsync(CallContext context, CallDelegate next)
    {
        var id = Usable(context.RequestHeaders[Header])
            ?? (context.IsServer ? null : Usable(CallContext.Outer?.RequestHeaders[Header]))
            ?? $"{random.Next():x16}{random.Next():x16}";
        context.RequestHeaders[Header] = id;
        if (context.IsServer)
        {
            context.ResponseHeaders[Header] = id;
        }

        return next(context);
    }

    /// <summary>What a caller sends is written to logs and sent on, so it is neither empty nor long nor anything that cannot be sent.</summary>
    private static string? Usable(string? id) => id is { Length: > 0 and <= MaxLength } && CallHeaders.CanSend(id) ? id : null;
}
