namespace Micro.Cli.Requests;

/// <summary>Reads a token as it is typed: itself, or <c>@FILE</c>. No message here quotes it.</summary>
internal static class TokenText
{
    private const int MaxLength = 8192;

    /// <exception cref="ToolException">The file cannot be read, or there is no token.</exception>
    public static async Task<string> ReadAsync(string given, CancellationToken cancellationToken)
    {
        var token = (given.StartsWith('@') ? await ReadFileAsync(given[1..], cancellationToken) : given).Trim();
        return token.Length is > 0 and <= MaxLength && token.All(c => c is > ' ' and <= '~')
            ? token
            : throw ToolException.Usage($"What was given as a token is none: 1 to {MaxLength} visible ASCII characters in one line.");
    }

    private static async Task<string> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw ToolException.Usage($"The file '{path}' cannot be read: {e.Message}", e);
        }
    }
}
