using Micro.Hosting;
using Micro.Internal;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.Rpc.Interceptors;

/// <summary>The interceptors that come with Micro.</summary>
public static class InterceptorBuilderExtensions
{
    /// <summary>Gives every call a request id (<c>x-request-id</c>): taken over from the caller, passed on, or made.</summary>
    public static IMicroBuilder AddRequestId(this IMicroBuilder builder) =>
        builder.AddInterceptor(static services => new RequestIdInterceptor(services.GetRequiredService<RandomSource>()), CallSides.Both);

    /// <summary>
    /// Passes the named headers of the call being handled on to the calls made while handling it. Nothing else is forwarded. Credentials (<c>authorization</c>,
    /// <c>proxy-authorization</c>) never are: a token is for the service it was sent to, and whoever gets it could speak for the caller.
    /// </summary>
    /// <exception cref="ArgumentException">A name is not a header name, is reserved, or holds credentials.</exception>
    public static IMicroBuilder AddHeaderPropagation(this IMicroBuilder builder, params IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var checkedNames = new CallHeaders();
        foreach (var name in names)
        {
            checkedNames.Add(name, "");
            if (name.Equals("authorization", StringComparison.OrdinalIgnoreCase) || name.Equals("proxy-authorization", StringComparison.OrdinalIgnoreCase))
            {
                throw new ArgumentException($"'{name}' holds credentials, which are not handed on; give the calls a token of their own.", nameof(names));
            }
        }

        string[] wanted = [.. checkedNames.Select(header => header.Key).Distinct()];
        return builder.AddInterceptor(_ => new HeaderPropagationInterceptor(wanted), CallSides.Client);
    }

    /// <summary>Refuses requests that implement <see cref="System.ComponentModel.DataAnnotations.IValidatableObject"/> and say they are not valid.</summary>
    public static IMicroBuilder AddValidation(this IMicroBuilder builder) =>
        builder.AddInterceptor(static _ => new ValidationInterceptor(), CallSides.Both);
}
