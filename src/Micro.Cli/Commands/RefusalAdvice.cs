using Micro.Cli.Terminal;

namespace Micro.Cli.Commands;

/// <summary>Says what to do about a call that was refused for who called.</summary>
/// <param name="tool">The name the tool was called by.</param>
/// <param name="settings">What it was told.</param>
/// <param name="service">The service that was asked.</param>
/// <param name="address">The instance that was asked; null for any.</param>
internal sealed class RefusalAdvice(string tool, ToolSettings settings, string service, Uri? address)
{
    /// <summary>Runs a call, and adds advice to its refusal.</summary>
    /// <param name="method">The method, as it can be typed.</param>
    /// <param name="withToken">Whether a token went along.</param>
    /// <param name="call">Makes the call.</param>
    public async Task<T> AdviseAsync<T>(string method, bool withToken, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (CallException refused) when (Hint(refused, method, withToken) is { } hint)
        {
            throw new RefusedCallException(refused, hint);
        }
    }

    private string? Hint(CallException refused, string method, bool withToken) => refused.Code switch
    {
        CallStatusCode.PermissionDenied when method.StartsWith("micro.", StringComparison.Ordinal) =>
            $"'{settings.Caller}' may not ask what '{service}' can do. {Others}",
        CallStatusCode.PermissionDenied => $"Which rule decides, and why: {Explain(method)}. {Others}",
        CallStatusCode.Unauthenticated when withToken =>
            $"A token has to be made for this service (micro auth token ID --audience {service}), not be over, and be bound, if at all, to '{settings.Caller}'. The log of '{service}' has the reason.",
        CallStatusCode.Unauthenticated when settings.Insecure => "Without --insecure the tool shows who it is.",
        CallStatusCode.Unauthenticated =>
            $"'{service}' does not accept the certificate of '{settings.Caller}': it belongs to another authority (--home), or was revoked. See: {Join("identity", "show")}. The log of '{service}' has the reason.",
        CallStatusCode.Unavailable when address is not null && refused.Status.NotProcessed && !settings.Insecure =>
            $"What listens at {address} has to prove that it is '{service}', by a certificate of the authority in this home (--home).",
        CallStatusCode.Unavailable when refused.Status.Message.Contains("Micro:Security:Insecure", StringComparison.Ordinal) =>
            "It listens in plaintext; with --insecure the tool calls it all the same.",
        _ => null,
    };

    private static string Others => "Another service of this user can be called as: --as NAME.";

    private string Explain(string method) => Join("auth", "explain", settings.Caller, service, method);

    private string Join(params string[] words) => ShellText.Join([tool, .. words, .. settings.Home is { } home ? ["--home", home] : (string[])[]]);
}
