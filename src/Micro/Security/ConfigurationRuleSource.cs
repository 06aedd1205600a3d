using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Micro.Security;

/// <summary>The rules of <c>Micro:Security:Rules:N:{Id, Effect, Priority, Caller, Scope, Kind, Name, Operation}</c>. Follows the configuration's reloads.</summary>
internal sealed class ConfigurationRuleSource : IRuleSource, IDisposable
{
    private const string Section = "Micro:Security:Rules";

    private readonly IConfiguration _configuration;
    private readonly IDisposable _subscription;
    private volatile CancellationTokenSource _changed = new();

    public ConfigurationRuleSource(IConfiguration configuration)
    {
        _configuration = configuration;
        _subscription = ChangeToken.OnChange(configuration.GetReloadToken, Fire);
    }

    public string Name => $"configuration {Section}";

    public CancellationToken Changed => _changed.Token;

    public ValueTask<IReadOnlyList<CallRule>> ReadAsync(CancellationToken cancellationToken)
    {
        var section = _configuration.GetSection(Section);
        return section.Value is { Length: > 0 }
            ? throw new RuleException(Name, null, null, "it is a text; it has to be a list")
            : new(section.GetChildren().Select(Read).ToArray());
    }

    public void Dispose() => _subscription.Dispose();

    private CallRule Read(IConfigurationSection rule)
    {
        var fields = rule.GetChildren().ToArray();
        if (fields.FirstOrDefault(field => field.GetChildren().Any()) is { } nested)
        {
            throw new RuleException(Name, rule.Key, nested.Key, "it is a section; it has to be a text");
        }

        return RuleFields.Read(Name, rule.Key, fields.Select(field => (field.Key, field.Value)));
    }

    private void Fire() => _ = Interlocked.Exchange(ref _changed, new()).CancelAsync();
}
