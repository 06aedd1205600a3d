using Microsoft.Extensions.Logging;

namespace Micro.AspNetCore.Hosting;

internal sealed partial class KestrelServerTransport
{
    [LoggerMessage(1500, LogLevel.Warning, "Micro:Security:Insecure is on: calls are taken and made in plaintext, from anybody who reaches the port. Only for one machine and for tests.")]
    private partial void PlaintextAllowed();
}
