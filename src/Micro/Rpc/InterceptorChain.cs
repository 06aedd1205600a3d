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

    /// <summary>The request as the interceptors left it.</summary>
    /// <exception cref="InvalidOperationException">One of them replaced it by something of another type.</exception>
    public static TRequest Request<TRequest>(CallContext context) => context.Request switch
    {
        TRequest request => request,
        null when default(TRequest) is null => default!,
        var other => throw Wrong(context, "request", other, typeof(TRequest)),
    };

    /// <summary>The response as the interceptors left it.</summary>
    /// <exception cref="InvalidOperationException">There is none, or it is of another type.</exception>
    public static TResponse Response<TResponse>(CallContext context) => context.Response switch
    {
        TResponse response => response,
        null when context.HasResponse && default(TResponse) is null => default!,
        null when !context.HasResponse => throw new InvalidOperationException(
            $"An interceptor of {context.Spec} returned without calling next and without setting Response to a {typeof(TResponse)}."),
        var other => throw Wrong(context, "response", other, typeof(TResponse)),
    };

    private static InvalidOperationException Wrong(CallContext context, string what, object? value, Type needed) =>
        new($"An interceptor of {context.Spec} set a {what} of type {value?.GetType().ToString() ?? "null"}; {needed} is needed.");
}
