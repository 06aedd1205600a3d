using System.Diagnostics.Metrics;
using Micro.Internal;
using Micro.Rpc;
using Micro.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Micro.Hosting;

/// <summary>Who may call: rules from attributes, configuration and a file, and the authoriser over them.</summary>
internal static class RuleServices
{
    public static void AddMicroRules(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(provider =>
        {
            var own = provider.GetRequiredService<IOptions<MicroSecurityOptions>>().Value;
            return new RuleNames(own.TrustDomain, own.Namespace);
        });
        services.TryAddSingleton(provider => new RuleAuthorizer(provider.GetRequiredService<ILogger<RuleAuthorizer>>(), provider.GetService<IMeterFactory>()));
        services.TryAddSingleton<IAuthorizer>(provider => provider.GetRequiredService<RuleAuthorizer>());
        services.AddSingleton<IRuleSource, ContractRules>();
        services.AddSingleton<IRuleSource>(_ => new ConfigurationRuleSource(configuration));
        services.AddSingleton<IRuleSource>(provider => provider.GetRequiredService<IOptions<MicroSecurityOptions>>().Value.RulesFile is { Length: > 0 } file
            ? new FileRuleSource(file, provider.GetRequiredService<TimeProvider>())
            : new FixedRuleSource("no file"));
        services.TryAddSingleton<RuleLoader>();
        services.AddHostedService(provider => provider.GetRequiredService<RuleLoader>());
        services.TryAddSingleton(provider => new UnverifiedCaller(
            provider.GetRequiredService<RuleNames>(), provider.GetRequiredService<IOptions<MicroSecurityOptions>>().Value.Insecure));
        services.TryAddSingleton(provider => new CallAuthorization(
            provider.GetRequiredService<IAuthorizer>(),
            provider.GetRequiredService<RandomSource>(),
            provider.GetService<IMeterFactory>(),
            provider.GetRequiredService<ILogger<CallAuthorization>>()));
        services.TryAddSingleton(provider => new CallerRecognition(
            provider.GetRequiredService<UnverifiedCaller>(),
            provider.GetRequiredService<RuleNames>(),
            provider.GetService<ITokenAuthenticator>(),
            provider.GetRequiredService<ILogger<CallerRecognition>>()));
    }
}
