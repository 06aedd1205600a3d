namespace Micro.Tokens;

/// <summary>Fetches key sets. Redirects are not followed and cookies not kept: the address in the configuration is the one that is trusted.</summary>
internal sealed class TokenKeyClient() : HttpMessageInvoker(new SocketsHttpHandler
{
    AllowAutoRedirect = false,
    UseCookies = false,
    ConnectTimeout = TimeSpan.FromSeconds(5),
    PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    MaxResponseHeadersLength = 32,
});
