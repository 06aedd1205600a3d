using Micro.Cli.Terminal;

namespace Micro.Cli.Tests.Support;

/// <summary>Runs the tool in this process.</summary>
internal static class Tool
{
    /// <summary>How long a test waits for what comes at once unless something hangs.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Task<ToolRun> RunAsync(params IReadOnlyList<string> args) => RunAsync(TextReader.Null, args);

    public static async Task<ToolRun> RunAsync(TextReader input, IReadOnlyList<string> args, CancellationToken cancellationToken = default)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var console = new ToolConsole(input, output, error);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, TestContext.Current.CancellationToken);
        var exitCode = await MicroTool.RunAsync(args, console, either.Token).WaitAsync(Patience, CancellationToken.None);
        return new ToolRun(exitCode, output.ToString(), error.ToString());
    }
}
