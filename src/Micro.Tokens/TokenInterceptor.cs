using Micro.Rpc;

namespace Micro.Tokens;

/// <summary>
/// Attaches a token to the calls of one service, and to no others: what a token's audience can do with it is bounded by the audience, so it goes nowhere else.
/// A header the caller set stays.
/// </summary>
internal sealed class TokenInterceptor(string service, Func<CancellationToken, ValueTask<string>> token) : ICallInterceptor
{
    private const string Header = "authorization";

    public ValueTask InvokeAsync(CallContext context, CallDelegate next) =>
        context.IsServer || !string.Equals(context.Spec?.Service, service, StringComparison.Ordinal) || context.RequestHeaders.Contains(Header)
            ? next(context)
            : AttachAsync(context, next);

    private async ValueTask AttachAsync(CallContext context, CallDelegate next)
    {
        context.RequestHeaders[Header] = $"Bearer {await token(context.CancellationToken)}";
        await next(context);
    }
}
