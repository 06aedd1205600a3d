namespace Micro.Cli;

/// <summary>What the options every command has were given; null where they were not.</summary>
internal sealed record ToolSettings(string? Home = null, string? Registry = null, bool Verbose = false, bool Json = false, string? As = null, bool Insecure = false)
{
    /// <summary>The service the tool is.</summary>
    public string Caller => As ?? ToolHost.Name;
}
