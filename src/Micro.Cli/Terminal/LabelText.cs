using Spectre.Console;

namespace Micro.Cli.Terminal;

/// <summary>Lines of a label and a text, for people.</summary>
internal static class LabelText
{
    private const int LabelWidth = 11;

    private static readonly Style Faint = new(decoration: Decoration.Dim);

    public static void Write(ToolConsole console, string label, string text)
    {
        console.Styled.Write(new Text(label.PadRight(LabelWidth), Faint));
        console.Output.WriteLine(PlainText.Of(text));
    }
}
