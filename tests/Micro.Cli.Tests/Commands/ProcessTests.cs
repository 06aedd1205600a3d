using System.Diagnostics;
using Micro.Cli.Tests.Support;

namespace Micro.Cli.Tests.Commands;

/// <summary>The tool as it is started from a shell: streams, signals and environment of a process of its own.</summary>
[Collection(nameof(GreeterHost))]
public sealed class ProcessTests(GreeterHost host)
{
    [Fact]
    public async Task A_process_writes_its_answer_to_the_output_and_ends_with_0()
    {
        var run = (await RunAsync("call", "greeter", "Greeter.Hello", """{"name":"Ä"}""", "--json")).Expect(ExitCodes.Ok);

        Assert.Equal("{\"text\":\"Hello Ä!\"}\n", run.Output);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task A_process_writes_its_failure_to_the_error_stream_and_ends_with_its_code()
    {
        var run = (await RunAsync("call", "mailer", "Send")).Expect(ExitCodes.Discovery);

        Assert.Empty(run.Output);
        Assert.Contains("'mailer'", run.Error);
        Assert.DoesNotContain('\u001b', run.Error);
    }

    [Fact]
    public async Task Logs_and_traces_go_to_the_error_stream_when_asked_for()
    {
        var run = (await RunAsync("call", "greeter", "Fail", """{"code":"NotFound","message":"gone"}""", "--verbose")).Expect(ExitCodes.CallFailed);

        Assert.Empty(run.Output);
        Assert.Contains("error: NotFound: gone", run.Error);
        Assert.Contains("   at Micro.", run.Error);
    }

    [Fact]
    public async Task The_interrupt_signal_ends_a_call_with_130()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent with kill.");
        host.Greeter.Waiting = Greeter.NewSignal();
        host.Greeter.Cancelled = Greeter.NewSignal();
        using var process = Start("call", "greeter", "Wait", "--timeout", "none");
        await host.Greeter.Waiting.Task.WaitAsync(Tool.Patience, TestContext.Current.CancellationToken);

        using (var kill = Process.Start("kill", ["-INT", process.Id.ToString()]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        (await ToolProcess.EndAsync(process)).Expect(ExitCodes.Cancelled);
        await host.Greeter.Cancelled.Task.WaitAsync(Tool.Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_stream_ends_when_nobody_reads_it_any_more()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Pipes end otherwise there.");
        using var process = Start("call", "greeter", "Count", $$"""{"until":{{int.MaxValue}}}""", "--json");
        Assert.Equal("""{"number":1}""", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        process.StandardOutput.Close();

        var run = (await ToolProcess.EndAsync(process, outputClosed: true)).Expect(ExitCodes.OutputClosed);
        Assert.Empty(run.Error);
    }

    private Task<ToolRun> RunAsync(params string[] args) => ToolProcess.RunAsync(host.Home, args);

    private Process Start(params string[] args) => ToolProcess.Start(host.Home, args);
}
