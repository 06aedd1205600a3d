namespace Micro.Cli;

/// <summary>Ends the tool with a message for people and an exit code for scripts.</summary>
internal sealed class ToolException : Exception
{
    private ToolException(int exitCode, string kind, string message, Exception? innerException)
        : base(message, innerException)
    {
        ExitCode = exitCode;
        Kind = kind;
    }

    public int ExitCode { get; }

    /// <summary>One word for programs, see <see cref="ErrorKinds"/>.</summary>
    public string Kind { get; }

    public static ToolException Usage(string message, Exception? cause = null) => new(ExitCodes.Usage, ErrorKinds.Usage, message, cause);

    /// <summary>What was asked for is not there, or there already.</summary>
    public static ToolException NotDone(string message) => new(ExitCodes.CallFailed, ErrorKinds.NotDone, message, null);

    public static ToolException Discovery(string message, Exception? cause = null) => new(ExitCodes.Discovery, ErrorKinds.Discovery, message, cause);
}
