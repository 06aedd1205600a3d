namespace Micro.Cli;

/// <summary>What the tool says to the shell. Scripts rely on the numbers, so none is ever given another meaning.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>The service was asked and the call failed.</summary>
    public const int CallFailed = 1;

    /// <summary>The command line, the JSON or the name of the method is wrong; nothing was sent.</summary>
    public const int Usage = 2;

    /// <summary>The registry cannot be read, or does not know the service.</summary>
    public const int Discovery = 3;

    /// <summary>Ctrl-C, as shells number it: 128 + SIGINT.</summary>
    public const int Cancelled = 130;

    /// <summary>Nobody reads the output any more, as shells number it: 128 + SIGPIPE.</summary>
    public const int OutputClosed = 141;
}
