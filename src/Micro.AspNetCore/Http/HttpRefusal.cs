namespace Micro.AspNetCore.Http;

/// <summary>A request that is refused for its form, before anything of the call runs: its outcome, HTTP status, and the header that says what would do.</summary>
internal sealed record HttpRefusal(CallStatus Status, int HttpStatus, string? HeaderName = null, string? HeaderValue = null)
{
    public static HttpRefusal Create(CallStatusCode code, int httpStatus, string message, string? headerName = null, string? headerValue = null) =>
        new(new CallStatus(code, message, notProcessed: true), httpStatus, headerName, headerValue);
}
