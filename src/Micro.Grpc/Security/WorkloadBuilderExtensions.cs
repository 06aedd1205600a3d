using Micro.Hosting;
using Micro.Internal;
using Micro.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Micro.Grpc.Security;

/// <summary>The verb that takes credentials from a SPIFFE Workload API.</summary>
public static class WorkloadBuilderExtensions
{
    private static readonly CredentialProvider Provider = new(WorkloadCredentialSource.Name, static services => new WorkloadCredentialSource(
        services.GetRequiredService<IOptions<WorkloadApiOptions>>().Value,
        services.GetRequiredService<IOptions<MicroSecurityOptions>>().Value,
        services.GetRequiredService<TimeProvider>(),
        services.GetService<RandomSource>() ?? RandomSource.Create(),
        services.GetRequiredService<SecurityTelemetry>(),
        services.GetRequiredService<ILogger<WorkloadCredentialSource>>()));

    /// <summary>
    /// Adds <c>workload</c> to where credentials can come from: a SPIFFE Workload API, as a SPIRE agent serves it, which names this process, renews its certificates and
    /// says whom to trust. <c>Micro:Security:Provider</c> chooses; without it this one is used when it is the only one added. The host does not start, with a
    /// <see cref="CredentialException"/>, when it is chosen and gives no credentials. Adding it again changes nothing but the options.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Changes the options after configuration (<c>Micro:Security:Workload</c>) did.</param>
    public static IMicroBuilder AddWorkloadApi(this IMicroBuilder builder, Action<WorkloadApiOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = builder.Services.AddOptions<WorkloadApiOptions>().Bind(builder.Configuration.GetSection("Micro:Security:Workload")).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<WorkloadApiOptions>, WorkloadApiOptionsValidation>());
        return builder.AddCredentials(Provider);
    }
}
