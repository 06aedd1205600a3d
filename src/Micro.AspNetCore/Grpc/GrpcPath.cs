namespace Micro.AspNetCore.Grpc;

internal static class GrpcPath
{
    /// <summary>The contract of <c>/contract/Method</c>; empty when there is none.</summary>
    public static string Contract(string? path)
    {
        var slash = path?.LastIndexOf('/') ?? -1;
        return slash > 1 ? path![1..slash] : "";
    }
}
