using System.Buffers;
using System.Globalization;
using System.Text;
using Micro.Transport;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Micro.AspNetCore.Grpc;

/// <summary>Writes outcomes as gRPC has them on the wire. Source: PROTOCOL-HTTP2.md, "Responses"; gRFC A6 for the push-back.</summary>
internal static class GrpcTrailers
{
    private static readonly SearchValues<char> Unescaped = SearchValues.Create(
        " !\"#$&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    /// <summary>Where trailers go: after a message into the trailers, else into the one header section there is.</summary>
    public static IHeaderDictionary Destination(HttpContext context) =>
        context.Response.HasStarted
            ? context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers ?? throw new InvalidOperationException("The response cannot have trailers.")
            : context.Response.Headers;

    /// <summary>All of an outcome but code and message.</summary>
    public static void Write(IHeaderDictionary destination, CallEnd end, string contract)
    {
        if (end.Trailers is { Count: > 0 } own)
        {
            for (var i = 0; i < own.Count; i++)
            {
                destination.Append(own[i].Key, own[i].Value);
            }
        }

        var status = end.Status;
        if (status.IsOk)
        {
            return;
        }

        destination["grpc-status-details-bin"] = Convert.ToBase64String(StatusDetails.Write(status, contract)).TrimEnd('=');
        if (status.NotProcessed)
        {
            destination["micro-executed"] = "no";
        }

        if (end.RetryPushback is { } pushback)
        {
            destination["grpc-retry-pushback-ms"] = pushback < TimeSpan.Zero
                ? "-1"
                : ((long)Math.Min(pushback.TotalMilliseconds, int.MaxValue)).ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Answers with an outcome alone, in one header section.</summary>
    public static void WriteOnly(HttpContext context, CallEnd end, string contract)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = context.Request.ContentType ?? "application/grpc";
        Write(response.Headers, end, contract);
        response.Headers["grpc-status"] = ((int)end.Status.Code).ToString(CultureInfo.InvariantCulture);
        if (end.Status.Message.Length > 0)
        {
            response.Headers["grpc-message"] = Escape(end.Status.Message);
        }
    }

    private static string Escape(string message)
    {
        if (!message.AsSpan().ContainsAnyExcept(Unescaped))
        {
            return message;
        }

        var text = new StringBuilder(message.Length + 16);
        foreach (var b in Encoding.UTF8.GetBytes(message))
        {
            if (Unescaped.Contains((char)b))
            {
                text.Append((char)b);
            }
            else
            {
                text.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return text.ToString();
    }
}
