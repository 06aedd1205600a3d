using Microsoft.Extensions.Logging;

namespace Micro.AspNetCore.Http;

internal sealed partial class HttpCallMiddleware
{
    [LoggerMessage(1530, LogLevel.Error, "The call {Path} was not run to its end.")]
    private partial void AcceptorFailed(string path, Exception exception);
}
