using System.CommandLine;
using Micro.Cli.Terminal;

namespace Micro.Cli.Commands.Identity;

/// <summary><c>micro identity</c>: who the tool is, and who others are.</summary>
internal static class IdentityCommand
{
    public static Command Create(GlobalOptions global, ToolConsole console) => new("identity", "Shows who the tool is, and checks certificates of others.")
    {
        ShowCommand.Create(global, console),
        VerifyCommand.Create(global, console),
    };
}
