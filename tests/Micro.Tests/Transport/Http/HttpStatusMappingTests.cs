using Micro.Transport.Http;

namespace Micro.Tests.Transport.Http;

public sealed class HttpStatusMappingTests
{
    [Fact]
    public void TRN_11_Every_code_has_an_HTTP_status_and_a_name_of_its_own()
    {
        var names = Enum.GetValues<CallStatusCode>().ToDictionary(HttpStatusMapping.NameOf);
        Assert.Equal(17, names.Count);
        foreach (var (name, code) in names)
        {
            Assert.True(HttpStatusMapping.TryParseName(name, out var parsed));
            Assert.Equal(code, parsed);
            Assert.InRange(HttpStatusMapping.ToHttp(code), code == CallStatusCode.Ok ? 200 : 400, 504);
        }

        Assert.False(HttpStatusMapping.TryParseName("not_found", out var unknown));
        Assert.Equal(CallStatusCode.Unknown, unknown);
        Assert.Equal("UNKNOWN", HttpStatusMapping.NameOf((CallStatusCode)99));
    }

    [Fact]
    public void TRN_11_An_HTTP_status_alone_means_what_gRPC_says()
    {
        // grpc/doc/http-grpc-status-mapping.md
        Assert.Equal(
            [
                CallStatusCode.Internal, CallStatusCode.Unauthenticated, CallStatusCode.PermissionDenied, CallStatusCode.Unimplemented,
                CallStatusCode.Unavailable, CallStatusCode.Unavailable, CallStatusCode.Unavailable, CallStatusCode.Unavailable, CallStatusCode.Unknown,
            ],
            new[] { 400, 401, 403, 404, 429, 502, 503, 504, 418 }.Select(HttpStatusMapping.FromHttp));
        Assert.All(Enumerable.Range(100, 500), status => Assert.NotEqual(CallStatusCode.Ok, HttpStatusMapping.FromHttp(status)));
    }
}
