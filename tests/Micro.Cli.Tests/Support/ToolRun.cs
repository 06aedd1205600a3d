using System.Text.Json;

namespace Micro.Cli.Tests.Support;

/// <summary>What a run of the tool came to.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Error)
{
    /// <summary>The documents of the output, one a line.</summary>
    public IReadOnlyList<JsonElement> Documents => [.. Lines(Output).Select(line => JsonElement.Parse(line))];

    /// <summary>The one document of the output.</summary>
    public JsonElement Document => Assert.Single(Documents);

    /// <summary>The one document of the error stream.</summary>
    public JsonElement Failure => JsonElement.Parse(Assert.Single(Lines(Error)));

    public ToolRun Expect(int exitCode)
    {
        Assert.True(exitCode == ExitCode, $"Exit code {ExitCode} instead of {exitCode}.\n{Output}\n{Error}");
        return this;
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
