using System.Buffers.Text;
using System.Globalization;
using Micro.Transport.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Micro.AspNetCore.Http;

/// <summary>What the headers of a request say about a call.</summary>
internal struct HttpCallHeaders
{
    private const string BinarySuffix = "-bin";

    public CallHeaders Own { get; private set; }

    public TimeSpan? Timeout { get; private set; }

    public int PreviousAttempts { get; private set; }

    public string? TraceParent { get; private set; }

    public string? TraceState { get; private set; }

    /// <summary>Reads all of them; a deadline or a binary header that cannot be read refuses the call.</summary>
    public static HttpRefusal? TryRead(IHeaderDictionary headers, out HttpCallHeaders read)
    {
        read = new() { Own = [] };
        HttpRefusal? refusal = null;
        foreach (var (name, values) in headers)
        {
            var wrong = read.Take(name, values);
            refusal ??= wrong;
        }

        return refusal;
    }

    private HttpRefusal? Take(string name, StringValues values)
    {
        // The length tells most of the names apart that come with every request.
        switch (name.Length)
        {
            case 4 when Is(name, "Host"):
            case 6 when Is(name, "Accept"):
            case 12 when Is(name, "Content-Type"):
            case 14 when Is(name, "Content-Length"):
                return null;
            case 7 when Is(name, HttpNames.GoMicroTimeout):
                return TakeGoMicroTimeout(values.ToString());
            case 12 when Is(name, HttpNames.Timeout):
                return TakeTimeout(values.ToString());
            case 11 when Is(name, HttpNames.TraceParent):
                TraceParent = values.ToString();
                return null;
            case 10 when Is(name, HttpNames.TraceState):
                TraceState = values.ToString();
                return null;
            case 26 when Is(name, HttpNames.PreviousAttempts):
                PreviousAttempts = int.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var attempts) ? attempts : 0;
                return null;
            default:
                return TakeOwn(name, values);
        }
    }

    private HttpRefusal? TakeTimeout(string value)
    {
        if (!CallTimeout.TryParse(value, out var timeout))
        {
            return Malformed(HttpNames.Timeout, "up to 8 digits and one of H, M, S, m, u, n");
        }

        Timeout = timeout;
        return null;
    }

    private HttpRefusal? TakeGoMicroTimeout(string value)
    {
        if (!CallTimeout.TryParseNanoseconds(value, out var timeout))
        {
            return Malformed(HttpNames.GoMicroTimeout, "nanoseconds");
        }

        Timeout ??= timeout;
        return null;
    }

    private readonly HttpRefusal? TakeOwn(string name, StringValues values)
    {
        if (name.StartsWith("Sec-WebSocket-", StringComparison.OrdinalIgnoreCase) || CallHeaders.IsReserved(name))
        {
            return null;
        }

        var binary = name.EndsWith(BinarySuffix, StringComparison.OrdinalIgnoreCase);
        foreach (var value in values)
        {
            if (!binary)
            {
                Own.TryAddReceived(name, value ?? "");
                continue;
            }

            foreach (var part in (value ?? "").Split(',', StringSplitOptions.TrimEntries))
            {
                if (!Base64.IsValid(part.PadRight((part.Length + 3) & ~3, '=')))
                {
                    return Malformed(name, "base64");
                }

                Own.TryAddReceived(name, part);
            }
        }

        return null;
    }

    private static bool Is(string name, string expected) => string.Equals(name, expected, StringComparison.OrdinalIgnoreCase);

    private static HttpRefusal Malformed(string name, string form) =>
        HttpRefusal.Create(CallStatusCode.InvalidArgument, 400, $"The header '{name}' is not {form}.");
}
