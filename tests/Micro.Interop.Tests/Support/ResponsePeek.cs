namespace Micro.Interop.Tests.Support;

/// <summary>Shows what grpc-dotnet keeps to itself of the headers of the last response.</summary>
internal sealed class ResponsePeek() : DelegatingHandler(new SocketsHttpHandler())
{
    public string? Encoding { get; private set; }

    public string? ContentType { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        Encoding = response.Headers.TryGetValues("grpc-encoding", out var values) ? string.Join(",", values) : null;
        ContentType = response.Content.Headers.ContentType?.ToString();
        return response;
    }
}
