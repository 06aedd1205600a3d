using Microsoft.Extensions.Logging;

namespace Micro.Discovery;

internal sealed partial class DnsServiceResolver
{
    [LoggerMessage(1020, LogLevel.Warning, "The address {Address} of service {Service} is left out.")]
    private partial void LogLeftOut(Exception exception, string address, string service);
}
