using Micro.Discovery;
using Micro.Hosting;
using Micro.Security;
using Micro.Transport;
using Micro.Transport.Http;
using Microsoft.Extensions.Options;

namespace Micro.Cli.Terminal;

/// <summary>Tells people or programs what went wrong and gives the exit code for it.</summary>
internal sealed class FailureWriter(ToolConsole console, bool json, bool verbose)
{
    /// <summary>EPIPE, which an <see cref="IOException"/> carries as it is: whoever read the output is gone, as after <c>| head</c>.</summary>
    private const int BrokenPipe = 32;

    /// <summary>The command line itself is wrong.</summary>
    public int Usage(IReadOnlyList<string> errors, string command)
    {
        if (json)
        {
            Line(new FailureJson(ErrorKinds.Usage, string.Join(" ", errors)));
            return ExitCodes.Usage;
        }

        foreach (var error in errors)
        {
            Line($"error: {PlainText.Of(error)}");
        }

        Line($"Try '{command} --help'.");
        return ExitCodes.Usage;
    }

    public int Write(Exception failure)
    {
        switch (failure)
        {
            case ToolException tool:
                return Write(tool.Kind, tool.ExitCode, tool);
            case CallException { InnerException: RegistryUnavailableException } call:
                return Write(ErrorKinds.Discovery, ExitCodes.Discovery, call, call.Status.Message);
            case CallException call:
                return Write(call, null);
            case RefusedCallException refused:
                return Write(refused.Call, refused.Hint);
            case RegistryUnavailableException or MicroHomeException:
                return Write(ErrorKinds.Discovery, ExitCodes.Discovery, failure);
            case CredentialException or AccountStoreException:
                return Write(ErrorKinds.Identity, ExitCodes.CallFailed, failure);
            case ProviderSelectionException or MicroAddressException or RuleException or OptionsValidationException:
                return Write(ErrorKinds.Usage, ExitCodes.Usage, failure);
            case OperationCanceledException:
                return Write(ErrorKinds.Cancelled, ExitCodes.Cancelled, failure, "Cancelled.");
            case IOException { HResult: BrokenPipe }:
                return ExitCodes.OutputClosed;
            default:
                return Write(ErrorKinds.Internal, ExitCodes.CallFailed, failure, $"{failure.GetType().Name}: {failure.Message}");
        }
    }

    private int Write(string kind, int exitCode, Exception failure, string? message = null)
    {
        message ??= failure.Message;
        if (json)
        {
            Line(new FailureJson(kind, message, Trace: Trace(failure)));
        }
        else
        {
            Line($"error: {PlainText.Of(message)}");
            WriteTrace(failure);
        }

        return exitCode;
    }

    private int Write(CallException failure, string? hint)
    {
        var status = failure.Status;
        if (json)
        {
            Line(new FailureJson(
                ErrorKinds.Call,
                status.Message,
                HttpStatusMapping.NameOf(status.Code),
                status.NotProcessed ? "no" : "maybe",
                [.. failure.Attempts.Select(attempt => new FailureJson.Attempt(
                    attempt.InstanceId, attempt.Address.ToString(), HttpStatusMapping.NameOf(attempt.Status.Code), attempt.Status.Message))],
                [.. status.Details.Select(detail => new FailureJson.Detail(detail.Type, detail.Value.ToArray()))],
                hint,
                Trace(failure)));
            return ExitCodes.CallFailed;
        }

        Line($"error: {PlainText.Of(status.ToString())}");
        Line(status.NotProcessed ? "  The call was not processed." : "  The call may have been executed.");
        foreach (var (attempt, index) in failure.Attempts.Select((attempt, index) => (attempt, index)))
        {
            Line($"  attempt {index + 1}: {PlainText.Of(attempt.ToString())}");
        }

        foreach (var detail in status.Details)
        {
            Line($"  detail: {PlainText.Of(detail.Type)} ({detail.Value.Length} bytes)");
        }

        if (hint is not null)
        {
            Line($"  {PlainText.Of(hint)}");
        }

        WriteTrace(failure);
        return ExitCodes.CallFailed;
    }

    private string? Trace(Exception failure) => verbose ? failure.ToString() : null;

    private void WriteTrace(Exception failure)
    {
        if (verbose)
        {
            Line(failure.ToString());
        }
    }

    private void Line(FailureJson failure) => Line(ToolJson.Line(failure, ToolJson.Readable.FailureJson));

    private void Line(string line) => console.Error.WriteLine(line);
}
