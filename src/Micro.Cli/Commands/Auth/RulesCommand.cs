using System.CommandLine;
using Micro.Cli.Requests;
using Micro.Cli.Terminal;
using Micro.Security;
using Microsoft.Extensions.Configuration;

namespace Micro.Cli.Commands.Auth;

/// <summary><c>micro auth rules</c>: the rules of a file, and those of a running service's contracts.</summary>
internal sealed class RulesCommand(ToolConsole console, ToolSettings settings, string? file)
{
    public static Command Create(GlobalOptions global, ToolConsole console)
    {
        var file = new Option<string?>("--file")
        {
            Description = "The file of rules, as services name it in Micro:Security:RulesFile. Default: what the environment says of that.",
            HelpName = "FILE",
            Recursive = true,
        };
        var list = List(global, console, file);
        var rules = new Command("rules", "Lists and edits the rules of a file; alone it lists them.") { list, Addition(global, console, file), Removal(global, console, file) };
        rules.Add(file);
        rules.SetAction((parsed, cancellationToken) => Of(global, console, parsed, file).ListAsync(null, null, cancellationToken));
        return rules;
    }

    private static Command List(GlobalOptions global, ToolConsole console, Option<string?> file)
    {
        var service = ServiceArguments.Service();
        service.Description = "A running service whose contracts' rules are listed too.";
        service.Arity = ArgumentArity.ZeroOrOne;
        var address = ServiceArguments.Address();
        var list = new Command("list", "Lists the rules of the file, and those that the contracts of a running service carry.") { service, address };
        list.SetAction((parsed, cancellationToken) => Of(global, console, parsed, file).ListAsync(parsed.GetValue(service), parsed.GetValue(address), cancellationToken));
        return list;
    }

    private static Command Addition(GlobalOptions global, ToolConsole console, Option<string?> file)
    {
        var id = Id();
        var effect = new Argument<RuleEffect>("EFFECT") { Description = "allow or deny." };
        var priority = new Option<int>("--priority") { Description = "The highest decides. Default: 0, which is that of attributes.", HelpName = "NUMBER" };
        var caller = Text("--caller", "orders, team/orders, spiffe://…; * for any. Default: *.", "*");
        var scope = Text("--scope", "A scope of the account; * for whoever is verified, empty for anyone. Default: *.", "*");
        var kind = new Option<ResourceKind>("--kind") { Description = "call, topic, store, config or admin. Default: call.", HelpName = "KIND" };
        var name = Text("--name", "For a call the contract; may end in *. Default: *.", "*");
        var operation = Text("--operation", "For a call the method; may end in *. Default: *.", "*");
        var add = new Command("add", "Adds a rule; services follow within a second.") { id, effect, priority, caller, scope, kind, name, operation };
        add.SetAction((parsed, cancellationToken) =>
        {
            var rule = new CallRule
            {
                Id = parsed.GetRequiredValue(id),
                Effect = parsed.GetRequiredValue(effect),
                Priority = parsed.GetValue(priority),
                Caller = parsed.GetRequiredValue(caller),
                Scope = parsed.GetRequiredValue(scope),
                Kind = parsed.GetValue(kind),
                Name = parsed.GetRequiredValue(name),
                Operation = parsed.GetRequiredValue(operation),
            };
            return Task.FromResult(Of(global, console, parsed, file).Add(rule, cancellationToken));
        });
        return add;
    }

    private static Command Removal(GlobalOptions global, ToolConsole console, Option<string?> file)
    {
        var id = Id();
        var remove = new Command("remove", "Removes a rule; services follow within a second.") { id };
        remove.SetAction((parsed, cancellationToken) => Task.FromResult(Of(global, console, parsed, file).Remove(parsed.GetRequiredValue(id), cancellationToken)));
        return remove;
    }

    private static RulesCommand Of(GlobalOptions global, ToolConsole console, ParseResult parsed, Option<string?> file) =>
        new(console, global.Read(parsed), parsed.GetValue(file));

    private static Argument<string> Id() => new("ID") { Description = "What logs and explanations call the rule." };

    private static Option<string> Text(string name, string description, string value) => new(name)
    {
        Description = description,
        HelpName = "TEXT",
        DefaultValueFactory = _ => value,
    };

    private async Task<int> ListAsync(string? service, Uri? address, CancellationToken cancellationToken)
    {
        var editor = RuleFileOption.Find(file, settings);
        if (editor is null && service is null)
        {
            throw RuleFileOption.Missing();
        }

        var rules = editor?.Read() ?? [];
        var methods = service is null ? null : await MethodsAsync(service, address, cancellationToken);
        if (settings.Json)
        {
            var json = new RulesJson(editor?.Path, [.. rules.Select(RulesJson.Rule.Of)], service, methods);
            console.Output.WriteLine(ToolJson.Line(json, ToolJson.Readable.RulesJson));
            return ExitCodes.Ok;
        }

        if (editor is not null)
        {
            console.Output.WriteLine(rules.Count == 0 ? $"No rules in {PlainText.Of(editor.Path)}" : $"Rules in {PlainText.Of(editor.Path)}");
            Show(rules.Select(RulesJson.Rule.Of));
        }

        foreach (var method in methods ?? [])
        {
            console.Output.WriteLine(method.Rules switch
            {
                null => $"{PlainText.Of(method.Path)}: the service does not tell its rules",
                [] => $"{PlainText.Of(method.Path)}: nobody, by its attributes",
                _ => PlainText.Of(method.Path),
            });
            Show(method.Rules ?? []);
        }

        return ExitCodes.Ok;
    }

    private async Task<IReadOnlyList<RulesJson.RuledMethod>> MethodsAsync(string service, Uri? address, CancellationToken cancellationToken)
    {
        await using var host = await ToolHost.StartAsync(settings, cancellationToken);
        var finder = await new ServiceInquiry(host, console, settings).DescribeAsync(service, address, cancellationToken);
        return
        [
            .. from contract in finder.Contracts
               from method in contract.Methods
               select new RulesJson.RuledMethod($"{contract.Name}/{method.Name}", method.Rules?.Select(RulesJson.Rule.Of).ToArray()),
        ];
    }

    private int Add(CallRule rule, CancellationToken cancellationToken)
    {
        var editor = RuleFileOption.Find(file, settings) ?? throw RuleFileOption.Missing();
        editor.Add(rule, cancellationToken);
        console.Output.WriteLine(settings.Json
            ? ToolJson.Line(new RulesJson(editor.Path, [RulesJson.Rule.Of(rule)]), ToolJson.Readable.RulesJson)
            : $"Rule '{PlainText.Of(rule.Id)}' is in {PlainText.Of(editor.Path)}. Services whose Micro:Security:RulesFile it is follow within a second.");
        return ExitCodes.Ok;
    }

    private int Remove(string id, CancellationToken cancellationToken)
    {
        var editor = RuleFileOption.Find(file, settings) ?? throw RuleFileOption.Missing();
        var left = editor.Remove(id, cancellationToken);
        console.Output.WriteLine(settings.Json
            ? ToolJson.Line(new RulesJson.Removal(editor.Path, id, true), ToolJson.Readable.RuleRemoval)
            : $"Rule '{PlainText.Of(id)}' is gone from {PlainText.Of(editor.Path)}.");
        if (left == 0 && !settings.Json)
        {
            console.Error.WriteLine("It was the last: services keep it in force until they start anew, unless Micro:Security:AllowEmptyRules is true.");
        }

        return ExitCodes.Ok;
    }

    private void Show(IEnumerable<RulesJson.Rule> rules)
    {
        var shown = rules.ToArray();
        if (shown.Length == 0)
        {
            return;
        }

        var table = new TableText("  ID", "EFFECT", "PRIORITY", "CALLER", "SCOPE", "ON");
        foreach (var rule in shown)
        {
            table.Add($"  {rule.Id}", rule.Effect, $"{rule.Priority}", rule.Caller, RuleFileOption.ScopeText(rule.Scope), $"{rule.Kind} {rule.Name}/{rule.Operation}");
        }

        table.Write(console);
    }
}
