using System.CommandLine;

namespace Micro.Cli;

/// <summary>The options every command has.</summary>
internal sealed class GlobalOptions
{
    public Option<string?> Home { get; } = new("--home")
    {
        Description = "Directory the embedded registry is in (Micro:Home, MICRO_HOME).",
        HelpName = "DIR",
        Recursive = true,
    };

    public Option<string?> Registry { get; } = new("--registry")
    {
        Description = "Discovery provider to ask (Micro:Discovery:Provider). Default: sqlite.",
        HelpName = "NAME",
        Recursive = true,
    };

    public Option<bool> Verbose { get; } = new("--verbose")
    {
        Description = "Write logs and whole errors to the standard error stream.",
        Recursive = true,
    };

    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Write JSON, one compact document a line; errors too.",
        Recursive = true,
    };

    public Option<string?> As { get; } = new("--as")
    {
        Description = "The service to call as, of this user's own (default: micro-cli).",
        HelpName = "NAME",
        Recursive = true,
    };

    public Option<bool> Insecure { get; } = new("--insecure")
    {
        Description = "Take no identity, and call in plaintext where that is offered (Micro:Security:Insecure).",
        Recursive = true,
    };

    public IEnumerable<Option> All => [Home, Registry, As, Insecure, Verbose, Json];

    public ToolSettings Read(ParseResult parsed) =>
        new(
        parsed.GetValue(Home), parsed.GetValue(Registry), parsed.GetValue(Verbose), parsed.GetValue(Json), parsed.GetValue(As), parsed.GetValue(Insecure));
}
