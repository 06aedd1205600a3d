using System.Net.Http;

namespace Micro.Transport.Http;

/// <summary>
/// Turns exceptions of the HTTP stack into outcomes, once, at the seam. "Not processed" is said exactly when no byte of the request can have left:
/// the connection did not come about.
/// </summary>
internal static class HttpFailure
{
    public static CallStatus Of(Exception exception, Uri address, bool closed) => exception switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError } =>
            Unavailable(closed ? $"The connection to {address} was disposed." : $"{address} cannot be reached: {Innermost(exception).Message}", notProcessed: true),
        OperationCanceledException { InnerException: TimeoutException } =>
            Unavailable($"{address} cannot be reached: it did not accept a connection in time.", notProcessed: true),
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } =>
            new(CallStatusCode.Unknown, $"{address} did not answer in HTTP/1.1."),
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } =>
            new(CallStatusCode.ResourceExhausted, $"The headers of the answer of {address} are too large."),
        _ => Unavailable(
            closed ? $"The connection to {address} was disposed." : $"The connection to {address} was lost: {Innermost(exception).Message}", notProcessed: false),
    };

    private static CallStatus Unavailable(string message, bool notProcessed) => new(CallStatusCode.Unavailable, message, notProcessed: notProcessed);

    private static Exception Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner)
        {
            exception = inner;
        }

        return exception;
    }
}
