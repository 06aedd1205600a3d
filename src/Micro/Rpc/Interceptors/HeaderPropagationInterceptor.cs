namespace Micro.Rpc.Interceptors;

/// <summary>
/// Copies the named headers of the call being handled to the calls made while handling it, unless they are set there. Nothing is forwarded that is not named, nor what is
/// not visible ASCII, which some transports let in and none sends.
/// Added by <c>AddHeaderPropagation(names)</c>.
/// </summary>
internal sealed class HeaderPropagationInterceptor(IReadOnlyList<string> names) : ICallInterceptor
{
    public ValueTask InvokeAsync(CallContext context, CallDelegate next)
    {
        if (!context.IsServer && CallContext.Outer is { } outer)
        {
            foreach (var name in names)
            {
                if (context.RequestHeaders.Contains(name))
                {
                    continue;
                }

                foreach (var value in outer.RequestHeaders.GetAll(name))
                {
                    if (CallHeaders.CanSend(value))
                    {
                        context.RequestHeaders.Add(name, value);
                    }
                }
            }
        }

        return next(context);
    }
}
