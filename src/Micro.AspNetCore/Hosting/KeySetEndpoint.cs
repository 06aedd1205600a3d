using Micro.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Micro.AspNetCore.Hosting;

/// <summary><c>GET /.well-known/jwks.json</c>: the keys others verify this process's tokens with. Public by their nature, and open by one exact spelling.</summary>
internal sealed class KeySetEndpoint(ITokenKeySet keys)
{
    private const string Path = "/.well-known/jwks.json";

    /// <summary>Null when the request is not for it.</summary>
    public Task? TryHandle(HttpContext context) =>
        context.Features.Get<IHttpRequestFeature>()?.RawTarget == Path && HttpMethods.IsGet(context.Request.Method) ? HandleAsync(context) : null;

    private async Task HandleAsync(HttpContext context)
    {
        var response = context.Response;
        try
        {
            var set = keys.GetKeySet();
            response.ContentType = "application/jwk-set+json";
            response.Headers.CacheControl = "public, max-age=300";
            await response.WriteAsync(set, context.RequestAborted);
        }
        catch (CredentialException)
        {
            // Whoever keeps the keys has logged why.
            response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
    }
}
