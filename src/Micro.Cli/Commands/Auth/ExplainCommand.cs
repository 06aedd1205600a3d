using System.CommandLine;
using Micro.Cli.Terminal;
using Micro.Rpc;
using Micro.Security;
using Microsoft.Extensions.Options;

namespace Micro.Cli.Commands.Auth;

/// <summary><c>micro auth explain CALLER SERVICE METHOD</c>: which rule decides a call, and why, by the engine that decides it in the service.</summary>
internal sealed class ExplainCommand(ToolConsole console, ToolSettings settings, ExplainCommand.Question question)
{
    private const string Anonymous = "anonymous";
    private const string Attribute = "attribute";
    private const string NotSeen =
        "Rules in the service's own configuration (Micro:Security:Rules), a rules file that was not named here, and an authoriser of its own are not seen from outside.";

    public static Command Create(GlobalOptions global, ToolConsole console)
    {
        var caller = new Argument<string>("CALLER") { Description = $"The calling service: orders, team/orders or spiffe://…; '{Anonymous}' for nobody." };
        var service = new Argument<string>("SERVICE") { Description = "The service to be called." };
        var method = new Argument<string>("METHOD") { Description = "Hello, Greeter.Hello or greeter.Greeter/Hello, as long as only one can be meant." };
        var scope = new Option<string[]>("--scope") { Description = "A scope of the account it calls for; may be given several times.", HelpName = "SCOPE" };
        var rules = new Option<string?>("--rules") { Description = "A file of rules to take into account. Default: Micro:Security:RulesFile of the environment.", HelpName = "FILE" };
        var address = ServiceArguments.Address();
        var command = new Command("explain", "Says whether a caller may call a method, which rule decides that, and why.") { caller, service, method, scope, rules, address };
        command.SetAction((parsed, cancellationToken) => new ExplainCommand(console, global.Read(parsed), new Question(
            parsed.GetRequiredValue(caller),
            parsed.GetRequiredValue(service),
            parsed.GetRequiredValue(method),
            parsed.GetValue(scope) ?? [],
            parsed.GetValue(rules),
            parsed.GetValue(address))).RunAsync(cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var file = RuleFileOption.Find(question.Rules, settings);
        if (question.Rules is not null && !File.Exists(file!.Path))
        {
            throw ToolException.Usage($"There is no file '{file.Path}'.");
        }

        var fromFile = file?.Read() ?? [];
        await using var host = await ToolHost.StartAsync(settings, cancellationToken);
        var options = host.Get<IOptions<MicroSecurityOptions>>().Value;
        var caller = CallerOf(options);
        var finder = await new ServiceInquiry(host, console, settings).DescribeAsync(question.Service, question.Address, cancellationToken);
        var (contract, method) = finder.Find(question.Method);
        var attributes = method.Rules ?? throw ToolException.NotDone($"'{question.Service}' does not tell its rules: it runs an older version of Micro.");
        var explanation = RuleSet.Create([.. attributes, .. fromFile], options.TrustDomain, options.Namespace)
            .Explain(caller, new ProtectedResource(ResourceKind.Call, contract.Name, method.Name));
        Show(Json(explanation, Considered(explanation, attributes, fromFile, file, options)));
        return ExitCodes.Ok;
    }

    private Caller CallerOf(MicroSecurityOptions options)
    {
        var account = question.Scopes.Length == 0 ? null : new Account("somebody", "user", question.Scopes.ToHashSet(StringComparer.Ordinal), "");
        return new Caller(question.Caller == Anonymous ? null : Names.IdentityOf(question.Caller, options), account);
    }

    /// <summary>Every rule about the method, those that do not match the caller too: that is where one sees what is missing.</summary>
    private static IEnumerable<ExplanationJson.Considered> Considered(
        RuleExplanation explanation, IReadOnlyList<CallRule> attributes, IReadOnlyList<CallRule> fromFile, RuleEditor? file, MicroSecurityOptions options)
    {
        var resource = explanation.Resource;
        return
            from rule in RuleSet.Create([.. attributes, .. fromFile], options.TrustDomain, options.Namespace).Rules
            where CompiledRule.TryCompile(rule, options.TrustDomain, options.Namespace, out var compiled) is null && compiled!.Covers(resource)
            select new ExplanationJson.Considered(RulesJson.Rule.Of(rule), attributes.Contains(rule) ? Attribute : file!.Path, explanation.Matching.Contains(rule));
    }

    private ExplanationJson Json(RuleExplanation explanation, IEnumerable<ExplanationJson.Considered> considered) => new(
        explanation.Caller.Identity?.ToString() ?? Anonymous,
        question.Scopes,
        question.Service,
        $"{explanation.Resource.Name}/{explanation.Resource.Operation}",
        explanation.Decision.IsAllowed,
        explanation.Decision.Rule?.Id,
        explanation.Reason,
        [.. considered],
        NotSeen);

    private void Show(ExplanationJson explanation)
    {
        if (settings.Json)
        {
            console.Output.WriteLine(ToolJson.Line(explanation, ToolJson.Readable.ExplanationJson));
            return;
        }

        var scopes = explanation.Scopes.Count == 0 ? "" : $" for an account with {string.Join(' ', explanation.Scopes)}";
        console.Output.WriteLine(PlainText.Of($"{(explanation.Allowed ? "allowed" : "denied")}: {explanation.Caller}{scopes} on {explanation.Method}"));
        console.Output.WriteLine(PlainText.Of(explanation.Reason));
        console.Output.WriteLine();
        if (explanation.Rules.Count > 0)
        {
            var table = new TableText("RULE", "EFFECT", "PRIORITY", "CALLER", "SCOPE", "FROM", "MATCHES");
            foreach (var (rule, source, matches) in explanation.Rules)
            {
                var isDeciding = matches && rule == explanation.Rules.First(one => one.Matches).Rule;
                table.Add(
                    rule.Id, rule.Effect, $"{rule.Priority}", rule.Caller, RuleFileOption.ScopeText(rule.Scope), source, isDeciding ? "yes, decides" : matches ? "yes" : "no");
            }

            table.Write(console);
            console.Output.WriteLine();
        }

        console.Output.WriteLine(explanation.NotSeen);
    }

    /// <summary>What is asked.</summary>
    internal sealed record Question(string Caller, string Service, string Method, string[] Scopes, string? Rules, Uri? Address);
}
