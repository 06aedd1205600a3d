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

    /// <summary>Passes the named headers of the call being handled on to the calls made while handling it. Nothing else is forwarded.</summary>
    /// <exception cref="ArgumentException">A name is not a header name, or is reserved.</exception>
    public static IMicroBuilder AddHeaderPropagation(this IMicroBuilder builder, params IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var checkedNames = new CallHeaders();
        foreach (var name in names)
        {
            checkedNames.Add(name, "");
        }

        string[] wanted = [.. checkedNames.Select(header => header.Key).Distinct()];
        return builder.AddInterceptor(_ => new HeaderPropagationInterceptor(wanted), CallSides.Client);
    }

    /// <summary>Refuses requests that implement <see cref="System.ComponentModel.DataAnnotations.IValidatableObject"/> and say they are not valid.</summary>
    public static IMicroBuilder AddValidation(this IMicroBuilder builder) =>
        builder.AddInterceptor(static _ => new ValidationInterceptor(), CallSides.Both);
}
