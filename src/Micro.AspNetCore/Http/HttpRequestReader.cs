using Micro.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Micro.AspNetCore.Http;

/// <summary>Reads the one message of a POST.</summary>
internal static class HttpRequestReader
{
    /// <summary>Reads the whole body, keeping at most the limit and what Kestrel read besides.</summary>
    /// <returns>The message, or why there is none.</returns>
    public static async ValueTask<(CallMessage? Message, HttpRefusal? Refusal)> ReadAsync(
        HttpRequest request, int maxMessageBytes, CancellationToken cancellationToken)
    {
        try
        {
            var reader = request.BodyReader;
            while (true)
            {
                var result = await reader.ReadAsync(cancellationToken);
                var buffer = result.Buffer;
                if (buffer.Length > maxMessageBytes)
                {
                    reader.AdvanceTo(buffer.End);
                    return (null, TooLarge(maxMessageBytes));
                }

                if (result.IsCompleted)
                {
                    var message = CallMessage.Copy(buffer);
                    reader.AdvanceTo(buffer.End);
                    return (message, null);
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException
            || (e is OperationCanceledException && request.HttpContext.RequestAborted.IsCancellationRequested))
        {
            return (null, HttpRefusal.Create(CallStatusCode.Cancelled, 499, "The caller went away before the request was complete."));
        }
        catch (BadHttpRequestException e)
        {
            return (null, Malformed(e, maxMessageBytes));
        }
    }

    public static HttpRefusal TooLarge(int maxMessageBytes) =>
        HttpRefusal.Create(CallStatusCode.ResourceExhausted, StatusCodes.Status413PayloadTooLarge, $"The message is larger than {maxMessageBytes} bytes.");

    private static HttpRefusal Malformed(BadHttpRequestException exception, int maxMessageBytes) => exception.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => TooLarge(maxMessageBytes),
        StatusCodes.Status408RequestTimeout => HttpRefusal.Create(CallStatusCode.DeadlineExceeded, exception.StatusCode, "The body of the request came too slowly."),
        _ => HttpRefusal.Create(CallStatusCode.InvalidArgument, exception.StatusCode, "The body of the request is incomplete or malformed."),
    };
}
