using System.Globalization;
using Micro.Codecs;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Micro.AspNetCore.Grpc;

/// <summary>What the request headers of one call say. Kept as a feature of the request between the gate and the handler.</summary>
internal sealed class GrpcRequestHead
{
    private GrpcRequestHead()
    {
    }

    public CallHeaders Headers { get; } = new();

    public TimeSpan? Timeout { get; private set; }

    public int PreviousAttempts { get; private set; }

    public string? TraceParent { get; private set; }

    public string? TraceState { get; private set; }

    /// <summary>Why the call cannot be taken; null when it can.</summary>
    public CallStatus? Refusal { get; private set; }

    public static GrpcRequestHead Read(IHeaderDictionary headers)
    {
        var head = new GrpcRequestHead();
        TimeSpan? goMicro = null;
        var hasTimeout = false;
        foreach (var (name, values) in headers)
        {
            switch (name.Length)
            {
                case 12 when Is(name, "content-type"):
                    head.ReadContentType(values);
                    break;
                case 12 when Is(name, "grpc-timeout"):
                    hasTimeout = true;
                    head.ReadTimeout(values);
                    break;
                case 26 when Is(name, "grpc-previous-rpc-attempts"):
                    head.PreviousAttempts = int.TryParse(values, NumberStyles.None, CultureInfo.InvariantCulture, out var attempts) ? attempts : 0;
                    break;
                case 11 when Is(name, "traceparent"):
                    head.TraceParent = values;
                    break;
                case 10 when Is(name, "tracestate"):
                    head.TraceState = values;
                    break;
                case 7 when Is(name, "timeout"):
                    goMicro = GrpcTimeout.ReadGoMicro(values.ToString());
                    break;

                // Of the client library and of go-micro's transport, not of the caller.
                case 10 when Is(name, "user-agent"):
                case 14 when Is(name, "x-content-type"):
                    break;
                default:
                    head.Add(name, values);
                    break;
            }
        }

        head.Timeout = hasTimeout ? head.Timeout : goMicro;
        return head;
    }

    private static bool Is(string name, string expected) => name.Equals(expected, StringComparison.OrdinalIgnoreCase);

    private void ReadContentType(StringValues values)
    {
        var text = values.ToString();
        if (text.Contains(';') && !ContentTypes.TryParse(text, out _))
        {
            Refusal = Wrong("The content type asks for a charset that is not UTF-8.");
        }
    }

    private void ReadTimeout(StringValues values)
    {
        if (GrpcTimeout.TryRead(values.ToString(), out var timeout))
        {
            Timeout = timeout;
        }
        else
        {
            Refusal = Wrong($"The grpc-timeout '{Shorten(values.ToString())}' is none: 1 to 8 digits and one of H M S m u n.");
        }
    }

    private void Add(string name, StringValues values)
    {
        if (CallHeaders.IsReserved(name))
        {
            return;
        }

        var binary = name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase);
        foreach (var value in values)
        {
            if (!binary)
            {
                Headers.TryAddReceived(name, value ?? "");
                continue;
            }

            // Several values of a binary header may come as one, with commas between.
            foreach (var part in (value ?? "").Split(','))
            {
                var text = part.Trim();
                if (!IsBase64(text))
                {
                    Refusal = Wrong($"The header '{Shorten(name)}' is not base64.");
                    return;
                }

                Headers.TryAddReceived(name, text);
            }
        }
    }

    /// <summary>With padding or, as most clients send it, without.</summary>
    private static bool IsBase64(string text)
    {
        var bare = text.AsSpan().TrimEnd('=');
        if (bare.Length % 4 == 1)
        {
            return false;
        }

        foreach (var c in bare)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '/'))
            {
                return false;
            }
        }

        return true;
    }

    private static CallStatus Wrong(string text) => new(CallStatusCode.InvalidArgument, text, notProcessed: true);

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40];
}
