namespace Micro.Rpc;

/// <summary>Builds a chain once, when a client or an endpoint is made; a call only walks it. The first interceptor is the outermost.</summary>
internal static class InterceptorChain
{
    public static CallDelegate Build(IReadOnlyList<ICallInterceptor> interceptors, CallDelegate terminal)
    {
        var next = terminal;
        for (var i = interceptors.Count - 1; i >= 0; i--)
        {
            var interceptor = interceptors[i];
            var inner = next;
            next = context => interceptor.InvokeAsync(context, inner);
        }

        return next;
    }
}
