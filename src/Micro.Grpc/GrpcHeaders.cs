using global::Grpc.Core;

namespace Micro.Grpc;

/// <summary>From what came over the wire to headers; reserved names are left out.</summary>
internal static class GrpcHeaders
{
    /// <summary>Null when there is nothing in it for the caller.</summary>
    public static CallHeaders? Read(Metadata metadata)
    {
        CallHeaders? headers = null;
        foreach (var entry in metadata)
        {
            if (!IsTransports(entry.Key))
            {
                (headers ??= []).TryAddReceived(entry.Key, entry.IsBinary ? Convert.ToBase64String(entry.ValueBytes) : entry.Value);
            }
        }

        return headers is { Count: > 0 } ? headers : null;
    }

    /// <summary>
    /// Adds one value as it stands on the wire. Several binary values may come as one, with commas between, and without padding; one that is not base64 is left out:
    /// the outcome beside it counts more.
    /// </summary>
    public static void Add(ref CallHeaders? headers, string name, string value)
    {
        headers ??= [];
        if (!name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase))
        {
            headers.TryAddReceived(name, value);
            return;
        }

        foreach (var part in value.Split(','))
        {
            if (TryBinary(part) is { } bytes)
            {
                headers.TryAddReceived(name, Convert.ToBase64String(bytes));
            }
        }
    }

    /// <summary>Reads a binary value, with padding or without. Null when it is not base64.</summary>
    public static byte[]? TryBinary(string value)
    {
        var text = value.Trim();
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text.PadRight((text.Length + 3) & ~3, '='), bytes, out var length) ? bytes[..length] : null;
    }

    /// <summary>What the HTTP server adds of its own accord is not the service's.</summary>
    public static bool IsTransports(string name) =>
        CallHeaders.IsReserved(name) || name.Equals("date", StringComparison.OrdinalIgnoreCase) || name.Equals("server", StringComparison.OrdinalIgnoreCase);
}
