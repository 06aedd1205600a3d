using System.Text;
using Microsoft.Win32.SafeHandles;
using Spectre.Console;

namespace Micro.Cli.Terminal;

/// <summary>Where the tool reads and writes, and how. Disposing flushes.</summary>
internal sealed class ToolConsole : IDisposable
{
    /// <summary>Wide enough for any table, so that what is piped or captured has a row in one line.</summary>
    private const int Unlimited = 10_000;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <param name="input">The standard input, or what stands for it.</param>
    /// <param name="output">Results.</param>
    /// <param name="error">Failures and logs.</param>
    /// <param name="isStyled">Whether the output is a terminal that takes colours.</param>
    /// <param name="width">Columns of the terminal; null when it is none.</param>
    public ToolConsole(TextReader input, TextWriter output, TextWriter error, bool isStyled = false, int? width = null)
    {
        Input = input;
        Output = output;
        Error = error;
        Width = width ?? Unlimited;
        Styled = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isStyled ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = isStyled ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        Styled.Profile.Width = Width;
    }

    public TextReader Input { get; }

    public TextWriter Output { get; }

    public TextWriter Error { get; }

    public int Width { get; }

    /// <summary>The output with colours, where it takes any.</summary>
    public IAnsiConsole Styled { get; }

    /// <summary>The name the tool was called by, so that the commands it prints can be pasted.</summary>
    public string CommandName { get; init; } = "micro";

    public static ToolConsole OfProcess()
    {
        var isTerminal = !Console.IsOutputRedirected;
        var isStyled = isTerminal
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") is not "dumb";
        return new ToolConsole(
            new StreamReader(Console.OpenStandardInput(), Utf8),
            Writer(OpenOutput()),
            Writer(Console.OpenStandardError()),
            isStyled,
            isTerminal ? Columns() : null)
        {
            CommandName = Environment.GetEnvironmentVariable("MICRO_COMMAND") is { Length: > 0 } name ? name : "micro",
        };
    }

    public void Dispose()
    {
        Output.Dispose();
        Error.Dispose();
    }

    /// <summary>
    /// The console's own stream ignores that the reader of a pipe went away, so a stream of messages into <c>head</c> would never end.
    /// </summary>
    private static Stream OpenOutput()
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected)
        {
            return Console.OpenStandardOutput();
        }

        var pipe = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);

        // A file has a position that is shared with other processes; FileStream would keep one of its own.
        return pipe.CanSeek ? Console.OpenStandardOutput() : pipe;
    }

    private static StreamWriter Writer(Stream stream) => new(stream, Utf8) { AutoFlush = true };

    private static int Columns()
    {
        var columns = Console.WindowWidth;
        return columns > 0 ? columns : Unlimited;
    }
}
