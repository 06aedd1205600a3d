using System.Diagnostics;
using System.Reflection;

namespace Micro.EndToEnd.Tests;

/// <summary>tests/Micro.AotTest published with Native AOT, without a warning, and run: server and client as processes of their own.</summary>
public sealed class NativeAotTests
{
    private static readonly string Root =
        typeof(NativeAotTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == "MicroRoot").Value!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_greeter_and_its_client_publish_without_warnings_and_run()
    {
        var output = Directory.CreateTempSubdirectory("micro-aot-");
        try
        {
            var (code, text) = await RunAsync(
                "dotnet", ["publish", Path.Combine(Root, "tests/Micro.AotTest"), "-c", "Release", "-o", output.FullName, "--nologo", "-v", "minimal"]);
            Assert.True(code == 0, text);
            Assert.DoesNotContain("warning", text, StringComparison.OrdinalIgnoreCase);

            var binary = Path.Combine(output.FullName, "Micro.AotTest");
            using var server = Process.Start(Info(binary, ["serve"], output.FullName))!;
            Assert.Equal("ready", await server.StandardOutput.ReadLineAsync(Token));
            var (called, replies) = await RunAsync(binary, ["call"], output.FullName);
            Assert.True(called == 0, replies);
            Assert.Equal(
                ["Hello Ada", "Bob 1", "Bob 2", "Hello Cid and Dot", "Hi Cid", "Hi Dot", "InvalidArgument: Who is it?", "echo", "repeat", "repeat", "Cid+Dot", "Cid", "Dot"],
                replies.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            server.StandardInput.Close();
            await server.WaitForExitAsync(Token);
            Assert.Equal(0, server.ExitCode);
        }
        finally
        {
            output.Delete(recursive: true);
        }
    }

    private static async Task<(int Code, string Output)> RunAsync(string program, string[] arguments, string? home = null)
    {
        using var process = Process.Start(Info(program, arguments, home))!;
        var errors = process.StandardError.ReadToEndAsync(Token);
        var text = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, text + await errors);
    }

    private static ProcessStartInfo Info(string program, string[] arguments, string? home)
    {
        var info = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        if (home is not null)
        {
            info.Environment["MICRO_HOME"] = Path.Combine(home, "home");
        }

        return info;
    }
}
