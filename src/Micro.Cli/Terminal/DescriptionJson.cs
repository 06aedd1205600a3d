using System.Text.Json;

namespace Micro.Cli.Terminal;

/// <summary>What <c>micro describe --json</c> writes.</summary>
internal sealed record DescriptionJson(string Service, IReadOnlyList<DescriptionJson.Contract> Contracts)
{
    internal sealed record Contract(string Name, string Service, IReadOnlyList<Method> Methods);

    /// <param name="Name">Wire name.</param>
    /// <param name="Path">Path on every transport.</param>
    /// <param name="Kind">unary, serverStream, clientStream or duplex.</param>
    /// <param name="Idempotent">Whether it may be executed more than once.</param>
    /// <param name="Summary">What it does.</param>
    /// <param name="Request">JSON Schema of a request.</param>
    /// <param name="Response">JSON Schema of a response.</param>
    /// <param name="ContentTypes">Content types it takes, preferred first.</param>
    /// <param name="Example">A request that fits the schema.</param>
    /// <param name="Command">How to call it with the example.</param>
    internal sealed record Method(
        string Name,
        string Path,
        string Kind,
        bool Idempotent,
        string? Summary,
        JsonElement Request,
        JsonElement Response,
        IReadOnlyList<string> ContentTypes,
        JsonElement Example,
        string Command);
}
