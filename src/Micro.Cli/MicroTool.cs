using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Micro.Cli.Commands;
using Micro.Cli.Commands.Auth;
using Micro.Cli.Commands.Identity;
using Micro.Cli.Terminal;

namespace Micro.Cli;

/// <summary>The tool from its arguments to its exit code.</summary>
internal static class MicroTool
{
    /// <summary>How long a cancelled command may take to end its call properly before the process goes.</summary>
    private static readonly TimeSpan TerminationTimeout = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(IReadOnlyList<string> args, ToolConsole console, CancellationToken cancellationToken)
    {
        var global = new GlobalOptions();
        var parsed = Root(global, console).Parse(args, new ParserConfiguration
        {
            // @file is the request of a call, not more of the command line.
            ResponseFileTokenReplacer = null,
        });
        var failures = new FailureWriter(console, parsed.GetValue(global.Json), parsed.GetValue(global.Verbose));
        if (parsed.Action is ParseErrorAction)
        {
            return failures.Usage([.. parsed.Errors.Select(error => error.Message)], CommandOf(parsed, console));
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = console.Output,
                    Error = console.Error,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = TerminationTimeout,
                },
                cancellationToken);
        }
        catch (Exception e)
        {
            return failures.Write(e);
        }
    }

    private static RootCommand Root(GlobalOptions global, ToolConsole console)
    {
        var root = new RootCommand("Lists, describes and calls the services of Micro.")
        {
            ServicesCommand.Create(global, console),
            DescribeCommand.Create(global, console),
            CallCommand.Create(global, console),
            IdentityCommand.Create(global, console),
            AuthCommand.Create(global, console),
            AuthorityCommand.Create(global, console),
        };
        foreach (var option in global.All)
        {
            root.Add(option);
        }

        root.SetAction(parsed =>
        {
            // No command was given: not an answer to anything, so not for the output.
            root.Parse("--help").Invoke(new InvocationConfiguration { Output = console.Error, Error = console.Error });
            return ExitCodes.Usage;
        });
        return root;
    }

    private static string CommandOf(ParseResult parsed, ToolConsole console)
    {
        var words = new List<string>();
        for (var result = parsed.CommandResult; result.Command is not RootCommand; result = (CommandResult)result.Parent!)
        {
            words.Insert(0, result.Command.Name);
        }

        return string.Join(' ', [console.CommandName, .. words]);
    }
}
