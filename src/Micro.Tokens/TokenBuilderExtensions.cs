using Micro.Hosting;
using Micro.Rpc;
using Micro.Security;
using Micro.Tokens.Accounts;
using Micro.Tokens.Keys;
using Micro.Tokens.Verification;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Micro.Tokens;

/// <summary>Verbs of tokens and accounts.</summary>
public static class TokenBuilderExtensions
{
    private const string LogCategory = "Micro.Tokens";

    /// <summary>
    /// Accepts bearer tokens, those of this home and those of the issuers in <c>Micro:Tokens</c>, and adds <see cref="TokenIssuer"/> and
    /// <see cref="AccountDirectory"/>. Accounts are kept in the home unless an <see cref="IAccountStore"/> is registered. Adding it again adds options alone.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Changes the options after configuration (<c>Micro:Tokens</c>) did. What is wrong with them stops the start.</param>
    public static IMicroBuilder AddTokens(this IMicroBuilder builder, Action<TokenOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (services.All(service => service.ServiceType != typeof(TokenTrust)))
        {
            services.AddOptions<TokenOptions>().BindConfiguration("Micro:Tokens").ValidateOnStart();
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TokenOptions>, TokenOptionsValidation>());
            AddAccounts(services);
            AddKeys(services);
        }

        if (configure is not null)
        {
            services.Configure(configure);
        }

        return builder;
    }

    /// <summary>Keeps accounts in memory, until the process ends: for tests.</summary>
    public static IMicroBuilder AddInMemoryAccounts(this IMicroBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Replace(ServiceDescriptor.Singleton<IAccountStore, InMemoryAccountStore>());
        return builder;
    }

    /// <summary>Sends a token with every call of one service, as <c>authorization: Bearer</c>, and with no call of another.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="service">The service, as it is resolved.</param>
    /// <param name="token">Gives the token for a call; keeps it as long as it is valid. A call that carries the header already is left alone.</param>
    public static IMicroBuilder AddCallToken(this IMicroBuilder builder, string service, Func<CancellationToken, ValueTask<string>> token)
    {
        ArgumentException.ThrowIfNullOrEmpty(service);
        ArgumentNullException.ThrowIfNull(token);
        return builder.AddInterceptor(_ => new TokenInterceptor(service, token), CallSides.Client);
    }

    private static void AddAccounts(IServiceCollection services)
    {
        services.TryAddSingleton<IAccountStore>(provider => new FileAccountStore(Home(provider)));
        services.TryAddSingleton(_ => new SecretHasher());
        services.AddSingleton(provider => new AccountDirectory(
            provider.GetRequiredService<IAccountStore>(), provider.GetRequiredService<SecretHasher>(), Clock(provider), Options(provider).Issuer));
        services.AddSingleton<ITokenKeySet>(provider => new PublishedKeys(provider.GetRequiredService<TokenIssuer>()));
        services.AddSingleton(provider => new TokenIssuer(
            provider.GetRequiredService<AccountDirectory>(), provider.GetRequiredService<LocalKeys>(), Options(provider), Clock(provider), Log(provider)));
    }

    private static void AddKeys(IServiceCollection services)
    {
        services.AddSingleton(provider => new LocalKeys(Home(provider), Options(provider), Clock(provider), Log(provider)));
        services.TryAddSingleton<TokenKeyClient>();
        services.AddSingleton(provider => new TokenTrust(
            Options(provider), provider.GetRequiredService<LocalKeys>(), provider.GetRequiredService<TokenKeyClient>(), Clock(provider), Log(provider)));
        services.TryAddSingleton<ITokenAuthenticator>(provider => new TokenVerifier(
            provider.GetRequiredService<TokenTrust>(), Options(provider), Clock(provider), Log(provider)));
        services.AddHostedService(provider => new RemoteKeyRefresher(provider.GetRequiredService<TokenTrust>()));
    }

    private static TokenOptions Options(IServiceProvider services) => services.GetRequiredService<IOptions<TokenOptions>>().Value;

    private static TimeProvider Clock(IServiceProvider services) => services.GetRequiredService<TimeProvider>();

    private static ILogger Log(IServiceProvider services) => services.GetRequiredService<ILoggerFactory>().CreateLogger(LogCategory);

    private static string Home(IServiceProvider services) => Options(services).Home is { } home ? Path.GetFullPath(home) : MicroHome.Resolve(services.GetRequiredService<IConfiguration>());
}
