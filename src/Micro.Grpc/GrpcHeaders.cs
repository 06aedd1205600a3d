using global::Grpc.Core;

namespace Micro.Grpc;

/// <summary>From grpc-dotnet's metadata to headers; reserved names are left out.</summary>
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

    /// <summary>What the HTTP server adds of its own accord is not the service's.</summary>
    private static bool IsTransports(string name) => CallHeaders.IsReserved(name) || name is "date" or "server";
}
