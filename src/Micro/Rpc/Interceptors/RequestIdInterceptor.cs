using Micro.Internal;

namespace Micro.Rpc.Interceptors;

/// <summary>
/// Gives every call a request id in the header <c>x-request-id</c>: the caller's, that of the call being handled, or a new one; and answers with it.
/// Added by <c>AddRequestId()</c>.
/// </summary>
internal sealed class RequestIdInterceptor(RandomSource random) : ICallInterceptor
{
    public const string Header = "x-request-id";

    public ValueTask InvokeAsync(CallContext context, CallDelegate next)
    {
        var id = context.RequestHeaders[Header]
            ?? (context.IsServer ? null : CallContext.Outer?.RequestHeaders[Header])
            ?? $"{random.Next():x16}{random.Next():x16}";
        context.RequestHeaders[Header] = id;
        if (context.IsServer)
        {
            context.ResponseHeaders[Header] = id;
        }

        return next(context);
    }
}
