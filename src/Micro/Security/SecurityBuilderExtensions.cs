using System.Diagnostics.Metrics;
using Micro.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Micro.Security;

/// <summary>Verbs of security: where the services of a process get their certificates from.</summary>
public static class SecurityBuilderExtensions
{
    /// <summary>
    /// Takes credentials from the local authority, for the processes of one user on one machine; it is made in the home directory by the first of them. This is what
    /// happens without any verb, too. Adding it again changes nothing but the options.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Changes the options after configuration (<c>Micro:Security:Local</c>) did.</param>
    public static IMicroBuilder AddLocalAuthority(this IMicroBuilder builder, Action<LocalAuthorityOptions>? configure = null) =>
        Add(builder, CredentialSelection.Local, configure);

    /// <summary>
    /// Takes the credential of this process from PEM files that somebody else renews, e.g. cert-manager or a SPIRE helper. Adding it again changes nothing but the
    /// options.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Changes the options after configuration (<c>Micro:Security:Pem</c>) did.</param>
    public static IMicroBuilder AddPemCredentials(this IMicroBuilder builder, Action<PemCredentialOptions>? configure = null) =>
        Add(builder, CredentialSelection.Pem, configure);

    /// <summary>
    /// Takes credentials from an authority on another machine, which is joined once with a token. Adding it again changes nothing but the options.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Changes the options after configuration (<c>Micro:Security:Authority</c>) did.</param>
    public static IMicroBuilder AddAuthorityCredentials(this IMicroBuilder builder, Action<AuthorityCredentialOptions>? configure = null) =>
        Add(builder, CredentialSelection.Authority, configure);

    /// <summary>
    /// Adds a candidate for where credentials come from beside the built-in ones of <see cref="CredentialProviders"/>. <c>Micro:Security:Provider</c> chooses by
    /// name; without it a single added candidate is used, or <c>local</c> when there is none. The host does not start, with a
    /// <see cref="ProviderSelectionException"/>, when nothing can be chosen.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="provider">Its factory runs only when it is chosen, once.</param>
    public static IMicroBuilder AddCredentials(this IMicroBuilder builder, CredentialProvider provider)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(provider);
        builder.Services.TryAddSingleton(builder.Configuration);
        builder.Services.AddMicroSecurity();
        if (builder.Services.All(service => !ReferenceEquals(service.ImplementationInstance, provider)))
        {
            builder.Services.AddSingleton(provider);
        }

        return builder;
    }

    /// <summary>What every host has, whatever was added; calling it again changes nothing.</summary>
    internal static void AddMicroSecurity(this IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(CredentialSelection)))
        {
            return;
        }

        services.AddOptions<MicroSecurityOptions>().BindConfiguration("Micro:Security").ValidateOnStart();
        services.AddOptions<LocalAuthorityOptions>().BindConfiguration("Micro:Security:Local").ValidateOnStart();
        services.AddOptions<PemCredentialOptions>().BindConfiguration("Micro:Security:Pem");
        services.AddOptions<AuthorityCredentialOptions>().BindConfiguration("Micro:Security:Authority");
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MicroSecurityOptions>, MicroSecurityOptionsValidation>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<LocalAuthorityOptions>, LocalAuthorityOptionsValidation>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PemCredentialOptions>, PemCredentialOptionsValidation>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AuthorityCredentialOptions>, AuthorityCredentialOptionsValidation>());
        services.TryAddSingleton(provider => new SecurityTelemetry(provider.GetService<IMeterFactory>()));
        services.TryAddSingleton(provider =>
            new CredentialSelection(provider.GetRequiredService<IConfiguration>(), provider.GetServices<CredentialProvider>()));

        // Made when something asks for it: by the source of that name, or by whoever serves the authority.
        services.TryAddSingleton(CredentialSelection.OpenLocalAuthority);
        services.TryAddSingleton(provider => provider.GetRequiredService<CredentialSelection>().Provider.Source(provider));
        services.TryAddSingleton<IPeerAuthenticator>(provider => new SvidValidator(
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IOptions<MicroSecurityOptions>>().Value.ClockSkew));
        services.TryAddSingleton(provider => new PeerSecurity(
            provider.GetRequiredService<ICredentialSource>(),
            new MutualTls(provider.GetRequiredService<IPeerAuthenticator>(), provider.GetRequiredService<TimeProvider>()),
            provider.GetRequiredService<IOptions<MicroSecurityOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<PeerSecurity>>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, CredentialStartCheck>());
    }

    private static IMicroBuilder Add<TOptions>(IMicroBuilder builder, CredentialProvider provider, Action<TOptions>? configure)
        where TOptions : class
    {
        builder.AddCredentials(provider);
        if (configure is not null)
        {
            builder.Services.Configure(configure);
        }

        return builder;
    }
}
