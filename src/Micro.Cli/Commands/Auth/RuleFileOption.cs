using Micro.Security;
using Microsoft.Extensions.Configuration;

namespace Micro.Cli.Commands.Auth;

/// <summary>Which file of rules is meant: the one that was named, else the one the environment names for services.</summary>
internal static class RuleFileOption
{
    private const string Key = "Micro:Security:RulesFile";

    /// <summary>Null when none is named.</summary>
    public static RuleEditor? Find(string? given, ToolSettings settings)
    {
        var configuration = new ConfigurationManager();
        ToolHost.Configure(configuration, settings);
        var options = new MicroSecurityOptions();
        options.TrustDomain = configuration["Micro:Security:TrustDomain"] ?? options.TrustDomain;
        options.Namespace = configuration["Micro:Security:Namespace"] ?? options.Namespace;
        return (given ?? configuration[Key]) is { Length: > 0 } path ? new RuleEditor(path, options) : null;
    }

    public static ToolException Missing() => ToolException.Usage(
        $"Which file? Name it with --file, as the services that are to follow it do ({Key}), or set Micro__Security__RulesFile. To see a service's own rules: micro auth rules list SERVICE.");

    public static string ScopeText(string scope) => scope switch
    {
        "" => "(anyone)",
        "*" => "(verified)",
        _ => scope,
    };
}
