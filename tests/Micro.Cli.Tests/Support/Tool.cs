using Micro.Cli.Terminal;

namespace Micro.Cli.Tests.Support;

/// <summary>Runs the tool in this process.</summary>
internal static class Tool
{
    public static Task<ToolRun> RunAsync(params IReadOnlyList<string> args) => RunAsync(TextReader.Null, args);

    public static async Task<ToolRun> RunAsync(TextReader input, IReadOnlyList<string> args, CancellationToken cancellationToken = default)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var console = new ToolConsole(input, output, error);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, TestContext.Current.CancellationToken);
        var exitCode = await MicroTool.RunAsync(args, console, either.Token);
        return new ToolRun(exitCode, output.ToString(), error.ToString());
    }
}
