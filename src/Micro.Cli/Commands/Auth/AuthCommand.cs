using System.CommandLine;
using Micro.Cli.Terminal;

namespace Micro.Cli.Commands.Auth;

/// <summary><c>micro auth</c>: accounts, tokens and rules.</summary>
internal static class AuthCommand
{
    public static Command Create(GlobalOptions global, ToolConsole console) => new("auth", "Keeps accounts, issues tokens, edits rules, and explains what they decide.")
    {
        AccountsCommand.Create(global, console),
        TokenCommand.Create(global, console),
        RulesCommand.Create(global, console),
        ExplainCommand.Create(global, console),
    };
}
