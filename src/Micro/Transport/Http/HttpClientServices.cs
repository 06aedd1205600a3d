using Micro.Internal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Micro.Transport.Http;

internal static class HttpClientServices
{
    /// <summary>Adds the client half of the http transport, with options bound from <c>Micro:Http</c> and checked at start.</summary>
    public static IServiceCollection AddHttpClientTransport(this IServiceCollection services)
    {
        services.AddOptions<HttpTransportOptions>().BindConfiguration("Micro:Http").ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<HttpTransportOptions>, HttpTransportOptionsValidation>());
        services.AddSingleton<IClientTransport>(static provider => new HttpClientTransport(
            provider.GetRequiredService<IOptions<HttpTransportOptions>>().Value,
            provider.GetRequiredService<RandomSource>(),
            provider.GetRequiredService<TimeProvider>()));
        return services;
    }
}
