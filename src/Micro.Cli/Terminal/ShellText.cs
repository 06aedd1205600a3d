namespace Micro.Cli.Terminal;

/// <summary>Words of a POSIX shell's command line (POSIX.1-2017, Shell Command Language, 2.2 Quoting).</summary>
internal static class ShellText
{
    /// <summary>Quotes a word if it needs it.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(IsPlain) ? word : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    public static string Join(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ':' or '+' or ',' or '=' or '@' or '%';
}
