using System.Diagnostics;
using System.Reflection;

namespace Micro.Cli.Tests.Support;

/// <summary>Runs the tool in a process of its own, as a shell does.</summary>
internal static class ToolProcess
{
    /// <summary>In the tool's own folder: beside the tests it lacks what the web framework brings along.</summary>
    private static readonly string Assembly =
        typeof(ToolProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == "MicroTool").Value!;

    public static async Task<ToolRun> RunAsync(string home, params string[] args)
    {
        using var process = Start(home, args);
        return await EndAsync(process);
    }

    /// <summary>Starts the tool; the home comes from the environment.</summary>
    public static Process Start(string home, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Assembly, .. args])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["MICRO_HOME"] = home },
        };
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    public static async Task<ToolRun> EndAsync(Process process, bool outputClosed = false)
    {
        try
        {
            return await CollectAsync(process, outputClosed).WaitAsync(Tool.Patience, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            process.Kill();
            throw;
        }
    }

    private static async Task<ToolRun> CollectAsync(Process process, bool outputClosed)
    {
        var output = outputClosed ? Task.FromResult("") : process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new ToolRun(process.ExitCode, await output, await error);
    }
}
