using Micro.Cli.Terminal;

namespace Micro.Cli;

internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        using var console = ToolConsole.OfProcess();
        return await MicroTool.RunAsync(args, console, CancellationToken.None);
    }
}
