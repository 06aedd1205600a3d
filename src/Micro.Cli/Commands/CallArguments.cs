using Micro.Rpc;

namespace Micro.Cli.Commands;

/// <summary>What <c>micro call</c> was told to do.</summary>
/// <param name="Service">Name of the service.</param>
/// <param name="Method">The method, as it was typed.</param>
/// <param name="Json">The request as it was typed; null when it was not.</param>
/// <param name="Headers">Headers to send.</param>
/// <param name="Token">A token to send, or @ and the file it is in; null for none.</param>
/// <param name="Options">Address and time limit.</param>
internal sealed record CallArguments(string Service, string Method, string? Json, CallHeaders Headers, string? Token, CallOptions Options);
