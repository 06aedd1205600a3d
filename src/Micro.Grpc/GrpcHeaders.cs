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

    /// <summary>Adds one value as it stands on the wire. Several binary values may come as one, with commas between, and without padding.</summary>
    /// <exception cref="FormatException">A binary value is not base64.</exception>
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
            headers.TryAddReceived(name, Convert.ToBase64String(Binary(part)));
        }
    }

    /// <summary>Reads a binary value, with padding or without.</summary>
    /// <exception cref="FormatException">It is not base64.</exception>
    public static byte[] Binary(string value)
    {
        var text = value.Trim();
        return Convert.FromBase64String(text.PadRight((text.Length + 3) & ~3, '='));
    }

    /// <summary>What the HTTP server adds of its own accord is not the service's.</summary>
    public static bool IsTransports(string name) =>
        CallHeaders.IsReserved(name) || name.Equals("date", StringComparison.OrdinalIgnoreCase) || name.Equals("server", StringComparison.OrdinalIgnoreCase);
}
