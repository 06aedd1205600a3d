using System.Globalization;
using global::Grpc.Core;

namespace Micro.AspNetCore.Grpc;

/// <summary>Between the headers of a call and grpc-dotnet's metadata.</summary>
internal static class GrpcMetadata
{
    public const string Details = "grpc-status-details-bin";

    public const string Pushback = "grpc-retry-pushback-ms";

    /// <summary>What grpc-dotnet cannot hold (names only HTTP has, base64 that is none) is left out.</summary>
    public static Metadata FromHeaders(CallHeaders headers)
    {
        var metadata = new Metadata();
        foreach (var (name, value) in headers)
        {
            try
            {
                metadata.Add(name.EndsWith("-bin", StringComparison.Ordinal) ? new Metadata.Entry(name, Decode(value)) : new Metadata.Entry(name, value));
            }
            catch (Exception e) when (e is ArgumentException or FormatException)
            {
                // The call is not worse for it.
            }
        }

        return metadata;
    }

    /// <summary>As it is on the wire.</summary>
    public static string ValueOf(Metadata.Entry entry) => entry.IsBinary ? Convert.ToBase64String(entry.ValueBytes) : entry.Value;

    /// <summary>
    /// Adds a trailer. Names that are the transport's are left out: a method that throws on what another service answered brings that one's too.
    /// </summary>
    public static void AddTo(CallHeaders headers, Metadata.Entry entry)
    {
        var value = ValueOf(entry);
        if (CallHeaders.CanSend(value))
        {
            headers.TryAddReceived(entry.Key, value);
        }
    }

    /// <summary>Source: gRFC A6. What is no number asks not to retry.</summary>
    public static TimeSpan ReadPushback(string value) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds >= 0
            ? TimeSpan.FromMilliseconds(milliseconds) : TimeSpan.FromMilliseconds(-1);

    // Senders may leave the padding out.
    private static byte[] Decode(string value) => Convert.FromBase64String(value.PadRight((value.Length + 3) & ~3, '='));
}
