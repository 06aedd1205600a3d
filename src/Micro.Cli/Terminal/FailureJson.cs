using System.Text.Json.Serialization;

namespace Micro.Cli.Terminal;

/// <summary>What the tool writes to the standard error stream with <c>--json</c> when it fails.</summary>
/// <param name="Error">One of <see cref="ErrorKinds"/>.</param>
/// <param name="Message">For people.</param>
/// <param name="Code">Of a failed call: its code.</param>
/// <param name="Executed">Of a failed call: <c>no</c> when no handler ran, else <c>maybe</c>.</param>
/// <param name="Attempts">Of a failed call: what was tried.</param>
/// <param name="Details">Of a failed call: its details.</param>
/// <param name="Hint">What to do about it, where the tool knows something.</param>
/// <param name="Trace">With <c>--verbose</c>: the whole exception.</param>
internal sealed record FailureJson(
    string Error,
    string Message,
    string? Code = null,
    string? Executed = null,
    IReadOnlyList<FailureJson.Attempt>? Attempts = null,
    IReadOnlyList<FailureJson.Detail>? Details = null,
    string? Hint = null,
    string? Trace = null)
{
    internal sealed record Attempt(string Instance, string Address, string Code, string Message);

    internal sealed record Detail([property: JsonPropertyName("@type")] string Type, byte[] Value);
}
