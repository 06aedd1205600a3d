using Micro.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Micro.Tests.Support;

namespace Micro.Tests.Security;

/// <summary>Configuration and files as sources, and what becomes of sets that cannot be used (RBAC-1, RBAC-8).</summary>
public sealed class RuleLoaderTests : IAsyncDisposable
{
    private static readonly Caller Orders = new(ServiceIdentity.Create("micro.local", "default", "orders"));
    private static readonly ProtectedResource Hello = new(ResourceKind.Call, "greeter.Greeter", "Hello");

    private readonly string _folder = Directory.CreateTempSubdirectory("micro-rules-").FullName;
    private readonly RuleAuthorizer _authorizer = new(NullLogger<RuleAuthorizer>.Instance, null);
    private readonly LogRecorder _log = new();
    private readonly MicroSecurityOptions _options = new();
    private readonly List<IAsyncDisposable> _loaders = [];
    private readonly List<IDisposable> _sources = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string RulesPath => Path.Combine(_folder, "rules.json");

    private bool IsAllowed => _authorizer.Authorize(Orders, Hello).IsAllowed;

    public async ValueTask DisposeAsync()
    {
        foreach (var loader in _loaders)
        {
            await loader.DisposeAsync();
        }

        _sources.ForEach(source => source.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task RBAC_8_Configuration_is_followed()
    {
        var configuration = Configuration(("0:Id", "a"), ("0:Effect", "allow"), ("0:Caller", "orders"), ("0:Scope", "*"), ("0:Name", "greeter.*"), ("0:Operation", "Hello"), ("0:Kind", "call"), ("0:Priority", "3"));
        await LoadAsync(Track(new ConfigurationRuleSource(configuration)));
        Assert.True(IsAllowed);
        Assert.Equal(new CallRule { Id = "a", Effect = RuleEffect.Allow, Caller = "orders", Name = "greeter.*", Operation = "Hello", Priority = 3 }, Assert.Single(_authorizer.Rules.Rules));
        var changed = _authorizer.Changed;
        Set(configuration, ("0:Effect", "deny"));
        await Wait.UntilAsync(() => !IsAllowed, "the change is seen");
        Assert.True(changed.IsCancellationRequested);
        Assert.False(_authorizer.Changed.IsCancellationRequested);
    }

    [Theory]
    [InlineData("0:Effect", "maybe", "a", "Effect", "deny or allow")]
    [InlineData("0:Effect", "1", "a", "Effect", "deny or allow")]
    [InlineData("0:Effect", "deny, allow", "a", "Effect", "deny or allow")]
    [InlineData("0:Kind", "calls", "a", "Kind", "topic")]
    [InlineData("0:Kind", "call,topic", "a", "Kind", "topic")]
    [InlineData("0:Colour", "red", "a", "Colour", "Operation")]
    [InlineData("0:Priority", "high", "a", "Priority", "whole number")]
    [InlineData("0:Caller", "a*b", "a", "Caller", "namespace/orders")]
    [InlineData("0:Id", "", "0", "Id", "missing")]
    [InlineData("0:Name:X", "y", "0", "Name", "section")]
    [InlineData("1:Id", "a", "a", "Effect", "missing")]
    public async Task RBAC_1_A_bad_first_set_stops_the_start_and_is_named(string key, string value, string rule, string field, string allowed)
    {
        var configuration = Configuration(("0:Id", "a"), ("0:Effect", "allow"));
        Set(configuration, (key, value));
        var error = await Assert.ThrowsAsync<RuleException>(() => LoadAsync(Track(new ConfigurationRuleSource(configuration))));
        Assert.Equal((rule, field), (error.Rule, error.Field));
        Assert.Contains("Micro:Security:Rules", error.Message, StringComparison.Ordinal);
        Assert.Contains(allowed, error.Message, StringComparison.Ordinal);
        Assert.False(IsAllowed);
    }

    [Fact]
    public async Task Two_rules_of_one_id_are_refused_by_name()
    {
        var error = await Assert.ThrowsAsync<RuleException>(
            () => LoadAsync(Track(new ConfigurationRuleSource(Configuration(("0:Id", "a"), ("0:Effect", "allow"), ("1:Id", "a"), ("1:Effect", "deny"))))));
        Assert.Equal("a", error.Rule);
    }

    [Fact]
    public async Task RBAC_8_A_bad_change_keeps_the_last_good_set_whole_and_is_told()
    {
        var configuration = Configuration(("0:Id", "a"), ("0:Effect", "allow"));
        await LoadAsync(Track(new ConfigurationRuleSource(configuration)));
        Set(configuration, ("0:Effect", "deny"), ("1:Id", "b"), ("1:Effect", "rubbish"));
        await Wait.UntilAsync(() => _log.Entries.Any(entry => entry.Level == Microsoft.Extensions.Logging.LogLevel.Error && entry.Text.Contains("'rubbish'", StringComparison.Ordinal)), "it is told");
        Assert.True(IsAllowed);
    }

    [Fact]
    public async Task RBAC_8_A_change_that_takes_every_rule_away_needs_the_flag()
    {
        WriteFile(Allow);
        await LoadAsync(Track(new FileRuleSource(RulesPath, TimeProvider.System)));
        WriteFile();
        await Wait.UntilAsync(() => _log.Entries.Any(entry => entry.Text.Contains("AllowEmptyRules", StringComparison.Ordinal)), "it is told");
        Assert.True(IsAllowed);
        _options.AllowEmptyRules = true;
        File.WriteAllText(RulesPath, """{"version":1,"rules":[ ]}""");
        await Wait.UntilAsync(() => !IsAllowed, "it is taken over");
    }

    [Fact]
    public async Task RBAC_8_A_file_is_followed_within_a_second_and_truncated_or_malformed_ones_change_nothing()
    {
        WriteFile(Allow);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(RulesPath) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        await LoadAsync(Track(new FileRuleSource(RulesPath, TimeProvider.System)));
        var whole = File.ReadAllText(RulesPath);
        foreach (var bad in new[] { "", "{", whole[..^3], "[]", """{"version":2,"rules":[]}""", """{"version":1,"rules":[],"rules":[]}""", """{"version":1,"more":1,"rules":[]}""", """{"version":1,"rules":[{"id":"a","effect":"allow","id":"b"}]}""" })
        {
            var before = _log.Entries.Count;
            File.WriteAllText(RulesPath, bad);
            await Wait.UntilAsync(() => _log.Entries.Count > before, $"'{bad}' is told");
            Assert.True(IsAllowed);
        }

        File.Delete(RulesPath);
        var told = _log.Entries.Count;
        await Wait.UntilAsync(() => _log.Entries.Count > told, "that it is gone is told");
        Assert.True(IsAllowed);
        var changed = System.Diagnostics.Stopwatch.StartNew();
        WriteFile(Allow with { Effect = RuleEffect.Deny });
        await Wait.UntilAsync(() => !IsAllowed, "the new file is read");
        Assert.True(changed.Elapsed < TimeSpan.FromSeconds(1.5), $"It took {changed.Elapsed}.");
    }

    [Fact]
    public async Task RBAC_8_The_swap_of_a_link_is_seen_and_so_is_a_change_of_equal_length_at_once()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links");
        foreach (var (folder, effect) in new[] { ("one", RuleEffect.Allow), ("two", RuleEffect.Deny) })
        {
            Directory.CreateDirectory(Path.Combine(_folder, folder));
            RuleFile.Write(Path.Combine(_folder, folder, "rules.json"), [Allow with { Effect = effect }]);
        }

        var data = Path.Combine(_folder, "..data");
        Directory.CreateSymbolicLink(data, "one");
        File.CreateSymbolicLink(RulesPath, Path.Combine("..data", "rules.json"));
        await LoadAsync(Track(new FileRuleSource(RulesPath, TimeProvider.System)));
        Assert.True(IsAllowed);
        Directory.CreateSymbolicLink(data + ".new", "two");
        using (var rename = System.Diagnostics.Process.Start("mv", ["-T", data + ".new", data]))
        {
            await rename.WaitForExitAsync(Token);
        }

        await Wait.UntilAsync(() => !IsAllowed, "the swap is seen");
        var real = Path.Combine(_folder, "two", "rules.json");
        var (denied, allowed) = (File.ReadAllText(real).Replace("\"deny\"", "\"deny\" ", StringComparison.Ordinal), File.ReadAllText(real).Replace("\"deny\"", "\"allow\"", StringComparison.Ordinal));
        Assert.Equal(denied.Length, allowed.Length);
        foreach (var allows in new[] { true, false, true })
        {
            await File.WriteAllTextAsync(real, allows ? allowed : denied, Token);
            await Wait.UntilAsync(() => IsAllowed == allows, "a change in place is seen");
        }
    }

    [Fact]
    public async Task RBAC_1_A_file_that_others_may_write_or_that_is_not_there_stops_the_start()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "modes");
        var missing = await Assert.ThrowsAsync<RuleException>(() => LoadAsync(Track(new FileRuleSource(RulesPath, TimeProvider.System))));
        Assert.Contains(RulesPath, missing.Message, StringComparison.Ordinal);
        WriteFile(Allow);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(RulesPath, (UnixFileMode)0b110_110_110);
        }

        var open = await Assert.ThrowsAsync<RuleException>(() => LoadAsync(Track(new FileRuleSource(RulesPath, TimeProvider.System))));
        Assert.Contains("chmod", open.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RBAC_8_A_decision_sees_all_old_or_all_new_rules()
    {
        // Each set allows by two rules of which one denies in the other set: a mixture would let nobody in.
        CallRule[] even = [Allow with { Id = "even", Priority = 1 }, Allow with { Id = "odd", Effect = RuleEffect.Deny }];
        CallRule[] odd = [Allow with { Id = "odd", Priority = 1 }, Allow with { Id = "even", Effect = RuleEffect.Deny }];
        var sets = new[] { RuleSet.Create(even, "micro.local", "default"), RuleSet.Create(odd, "micro.local", "default") };
        _authorizer.Use(sets[0]);
        using var stop = new CancellationTokenSource();
        var swapping = Task.Run(() =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                _authorizer.Use(sets[i % 2]);
            }
        }, Token);
        for (var i = 0; i < 200_000; i++)
        {
            Assert.True(IsAllowed);
        }

        await stop.CancelAsync();
        await swapping;
    }

    private static CallRule Allow => new() { Id = "a", Effect = RuleEffect.Allow, Caller = "orders" };

    private static IConfigurationRoot Configuration(params (string Key, string Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(one => KeyValuePair.Create("Micro:Security:Rules:" + one.Key, (string?)one.Value))).Build();

    private static void Set(IConfigurationRoot configuration, params (string Key, string Value)[] values)
    {
        foreach (var (key, value) in values)
        {
            configuration["Micro:Security:Rules:" + key] = value;
        }

        configuration.Reload();
    }

    private void WriteFile(params CallRule[] rules) => RuleFile.Write(RulesPath, rules);

    private T Track<T>(T source)
        where T : IRuleSource, IDisposable
    {
        _sources.Add(source);
        return source;
    }

    private async Task LoadAsync(IRuleSource source)
    {
        var loader = new RuleLoader([source], _authorizer, new RuleNames(), new Fixed(_options), new Micro.Tests.Security.RecordingLogger<RuleLoader>(_log));
        _loaders.Add(loader);
        await loader.StartingAsync(Token);
    }

    private sealed class Fixed(MicroSecurityOptions options) : IOptionsMonitor<MicroSecurityOptions>
    {
        public MicroSecurityOptions CurrentValue => options;

        public MicroSecurityOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<MicroSecurityOptions, string?> listener) => null;
    }
}
