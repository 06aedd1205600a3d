using Micro.AspNetCore.Hosting;
using Micro.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Micro.AspNetCore.Authority;

/// <summary>The verb that makes a process the authority of other machines.</summary>
public static class AuthorityBuilderExtensions
{
    /// <summary>
    /// Serves the local authority of this process to other machines, as service <c>micro-authority</c>: those that joined renew and follow the trust bundle over the
    /// mesh, and others join at <see cref="AuthorityServerOptions.JoinListen"/>. Adds the server, too. Whoever can read the authority's directory can be anybody in the
    /// trust domain, so it is best a process and a machine of its own. Calling it again adds to the options.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Options, over those of <c>Micro:Authority</c>.</param>
    public static IMicroBuilder AddAuthority(this IMicroBuilder builder, Action<AuthorityServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (services.All(service => service.ServiceType != typeof(AuthorityService)))
        {
            builder.AddServer();
            services.AddOptions<AuthorityServerOptions>().BindConfiguration("Micro:Authority").ValidateOnStart();
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AuthorityServerOptions>, AuthorityServerOptionsValidation>());
            services.AddSingleton<AuthorityService>();
            services.AddSingleton<JoinListener>();
            builder.AddHosted(AuthorityContract.Hosted);
        }

        if (configure is not null)
        {
            services.Configure(configure);
        }

        return builder;
    }
}
