using System.Text.Json;
using Micro.Cli.Terminal;
using Micro.Cli.Tests.Support;
using Micro.Discovery;
using Micro.Hosting;

namespace Micro.Cli.Tests.Terminal;

public sealed class FailureWriterTests
{
    private static readonly CallException Failed = new(
        new CallStatus(CallStatusCode.NotFound, "no order \u001b[31m7", [new CallErrorDetail("acme/detail", new byte[] { 1, 2 })]),
        new InvalidOperationException("inner"),
        [
            new CallAttempt("a-1", new Uri("grpc+insecure://127.0.0.1:1"), new CallStatus(CallStatusCode.Unavailable, "refused", notProcessed: true)),
            new CallAttempt("a-2", new Uri("grpc+insecure://127.0.0.1:2"), new CallStatus(CallStatusCode.NotFound, "no order 7")),
        ]);

    [Fact]
    public void A_failed_call_tells_people_code_message_and_attempts()
    {
        var run = Write(Failed).Expect(ExitCodes.CallFailed);

        Assert.Equal(
            """
            error: NotFound: no order �[31m7
              The call may have been executed.
              attempt 1: a-1 at grpc+insecure://127.0.0.1:1/: Unavailable: refused
              attempt 2: a-2 at grpc+insecure://127.0.0.1:2/: NotFound: no order 7
              detail: acme/detail (2 bytes)

            """,
            run.Error);
    }

    [Fact]
    public void A_failed_call_tells_programs_everything_in_one_line()
    {
        var failure = Write(Failed, json: true).Expect(ExitCodes.CallFailed).Failure;

        Assert.Equal("call", failure.GetProperty("error").GetString());
        Assert.Equal("NOT_FOUND", failure.GetProperty("code").GetString());
        Assert.Equal("no order \u001b[31m7", failure.GetProperty("message").GetString());
        Assert.Equal("maybe", failure.GetProperty("executed").GetString());
        Assert.Equal(["UNAVAILABLE", "NOT_FOUND"], failure.GetProperty("attempts").EnumerateArray().Select(attempt => attempt.GetProperty("code").GetString()!));
        Assert.Equal("AQI=", failure.GetProperty("details")[0].GetProperty("value").GetString());
        Assert.Equal("acme/detail", failure.GetProperty("details")[0].GetProperty("@type").GetString());
        Assert.False(failure.TryGetProperty("trace", out _));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Stack_traces_are_shown_only_when_asked_for(bool verbose)
    {
        Exception caught;
        try
        {
            throw new InvalidOperationException("broken");
        }
        catch (InvalidOperationException e)
        {
            caught = e;
        }

        var text = Write(caught, verbose: verbose).Expect(ExitCodes.CallFailed).Error;

        Assert.StartsWith("error: InvalidOperationException: broken", text);
        Assert.Equal(verbose, text.Contains(nameof(Stack_traces_are_shown_only_when_asked_for), StringComparison.Ordinal));
    }

    [Fact]
    public void Every_kind_of_failure_has_its_exit_code()
    {
        var away = new RegistryUnavailableException("etcd", "it is away.");
        Assert.Equal(ExitCodes.Usage, Write(ToolException.Usage("wrong")).ExitCode);
        Assert.Equal(ExitCodes.Usage, Write(new ProviderSelectionException("Micro:Discovery:Provider", "there is none", ["sqlite"])).ExitCode);
        Assert.Equal(ExitCodes.Discovery, Write(away).ExitCode);
        Assert.Equal(ExitCodes.Discovery, Write(new MicroHomeException("/x", "belongs to another user")).ExitCode);
        Assert.Equal(ExitCodes.Discovery, Write(new CallException(new CallStatus(CallStatusCode.Unavailable, "cannot be resolved"), away)).ExitCode);
        Assert.Equal(ExitCodes.Cancelled, Write(new TaskCanceledException()).ExitCode);
        Assert.Equal(ExitCodes.CallFailed, Write(new IOException("disk")).ExitCode);
    }

    [Fact]
    public void A_reader_that_went_away_is_no_error()
    {
        var run = Write(new IOException("Broken pipe", hresult: 32)).Expect(ExitCodes.OutputClosed);

        Assert.Empty(run.Error);
    }

    private static ToolRun Write(Exception failure, bool json = false, bool verbose = false)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var console = new ToolConsole(TextReader.Null, output, error);
        var exitCode = new FailureWriter(console, json, verbose).Write(failure);
        return new ToolRun(exitCode, output.ToString(), error.ToString());
    }
}
