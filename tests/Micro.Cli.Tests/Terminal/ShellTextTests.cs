using System.Diagnostics;
using CsCheck;
using Micro.Cli.Terminal;

namespace Micro.Cli.Tests.Terminal;

public sealed class ShellTextTests
{
    [Theory]
    [InlineData("Hello", "Hello")]
    [InlineData("grpc+insecure://127.0.0.1:5001", "grpc+insecure://127.0.0.1:5001")]
    [InlineData("", "''")]
    [InlineData("""{"name":"text"}""", """'{"name":"text"}'""")]
    [InlineData("it's", @"'it'\''s'")]
    public void Words_are_quoted_when_they_need_it(string word, string expected) => Assert.Equal(expected, ShellText.Quote(word));

    [Fact]
    public async Task A_shell_reads_back_what_was_quoted()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no POSIX shell on Windows.");
        var words = Gen.Char[' ', '~'].Array[0, 12].Select(chars => new string(chars)).Array[40].Single();
        using var shell = Process.Start(new ProcessStartInfo("sh")
        {
            ArgumentList = { "-c", $"printf '%s\\n' {ShellText.Join(words)}" },
            RedirectStandardOutput = true,
        })!;

        Assert.Equal(string.Join("\n", words) + "\n", await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
    }
}
