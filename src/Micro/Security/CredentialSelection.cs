using System.Diagnostics.CodeAnalysis;
using Micro.Hosting;
using Micro.Internal;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Micro.Security;

/// <summary>The source of credentials that configuration chooses among the built-in ones and those that were added. Choosing runs none of their factories.</summary>
internal sealed class CredentialSelection
{
    public const string Key = "Micro:Security:Provider";

    /// <exception cref="ProviderSelectionException">None can be chosen.</exception>
    public CredentialSelection(IConfiguration configuration, IEnumerable<CredentialProvider> added)
    {
        CredentialProvider[] candidates = [.. added];

        // A verb adds a built-in one to make it the default; it is the same one then, not a second.
        CredentialProvider[] builtIn = [.. new[] { Local, Pem, Authority }.Where(provider => !candidates.Contains(provider))];
        var name = ProviderSelection.Choose(
            Key,
            configuration[Key],
            [.. builtIn.Select(provider => provider.Name)],
            [.. candidates.Select(provider => provider.Name)],
            CredentialProviders.Local);
        Provider = candidates.Concat(builtIn).First(provider => provider.Name == name);
    }

    public CredentialProvider Provider { get; }

    internal static CredentialProvider Local { get; } = new(CredentialProviders.Local, static services => new LocalCredentialSource(
        services.GetRequiredService<LocalAuthority>(),
        Options<MicroSecurityOptions>(services),
        Time(services),
        services.GetService<RandomSource>() ?? RandomSource.Create(),
        services.GetRequiredService<SecurityTelemetry>(),
        Logger<LocalCredentialSource>(services)));

    internal static CredentialProvider Pem { get; } = new(CredentialProviders.Pem, static services => new PemCredentialSource(
        Options<PemCredentialOptions>(services),
        Options<MicroSecurityOptions>(services),
        Time(services),
        services.GetRequiredService<SecurityTelemetry>(),
        Logger<PemCredentialSource>(services)));

    internal static CredentialProvider Authority { get; } = new(CredentialProviders.Authority, static services => new AuthorityCredentialSource(
        new AuthorityAccess(
            Options<AuthorityCredentialOptions>(services),
            Options<MicroSecurityOptions>(services),
            Directory(Options<AuthorityCredentialOptions>(services).Directory, "joined", services.GetRequiredService<IConfiguration>()),
            services.GetRequiredService<IPeerAuthenticator>(),
            Time(services)),
        Options<MicroSecurityOptions>(services),
        Time(services),
        services.GetService<RandomSource>() ?? RandomSource.Create(),
        services.GetRequiredService<SecurityTelemetry>(),
        Logger<AuthorityCredentialSource>(services)));

    internal static LocalAuthority OpenLocalAuthority(IServiceProvider services)
    {
        var options = Options<LocalAuthorityOptions>(services);
        return new LocalAuthority(
            Directory(options.Directory, "authority", services.GetRequiredService<IConfiguration>()),
            Options<MicroSecurityOptions>(services),
            options,
            Time(services),
            services.GetRequiredService<SecurityTelemetry>(),
            Logger<LocalAuthority>(services));
    }

    private static string Directory(string? chosen, string name, IConfiguration configuration)
    {
        if (chosen is not null)
        {
            return Path.GetFullPath(chosen);
        }

        var home = MicroHome.Resolve(configuration);
        MicroHome.Open(home);
        return Path.Combine(home, name);
    }

    private static T Options<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(IServiceProvider services)
        where T : class => services.GetRequiredService<IOptions<T>>().Value;

    private static TimeProvider Time(IServiceProvider services) => services.GetService<TimeProvider>() ?? TimeProvider.System;

    private static ILogger<T> Logger<T>(IServiceProvider services) => services.GetService<ILogger<T>>() ?? NullLogger<T>.Instance;
}
