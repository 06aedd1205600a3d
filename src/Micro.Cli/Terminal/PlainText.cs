using System.Globalization;
using System.Text;

namespace Micro.Cli.Terminal;

/// <summary>Text that came from elsewhere, made safe to show.</summary>
internal static class PlainText
{
    /// <summary>
    /// Replaces what would steer a terminal or turn the reading direction: a service may be named by anybody who can register one.
    /// </summary>
    public static string Of(string text) => text.Any(IsUnsafe) ? Replace(text) : text;

    private static string Replace(string text)
    {
        var safe = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            safe.Append(IsUnsafe(c) ? '\uFFFD' : c);
        }

        return safe.ToString();
    }

    private static bool IsUnsafe(char c) =>
        char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
