using Micro.Transport;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Micro.AspNetCore.Grpc;

/// <summary>A call to nothing: there is no request to read, only an outcome to write.</summary>
internal sealed class RefusalStream(HttpContext http) : ICallStream
{
    private readonly CallHeaders _headers = new();

    public CallEnd? End => CallEnd.Ok;

    public ValueTask WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) =>
        throw new CallException(CallStatusCode.Unimplemented, "There is no such method.");

    public ValueTask CompleteAsync(CallEnd end, CancellationToken cancellationToken)
    {
        GrpcTrailers.WriteOnly(http, end, GrpcPath.Contract(http.Features.Get<IHttpRequestFeature>()!.RawTarget));
        return ValueTask.CompletedTask;
    }

    public ValueTask<CallMessage?> ReadAsync(CancellationToken cancellationToken) => new((CallMessage?)null);

    public ValueTask<CallHeaders> HeadersAsync(CancellationToken cancellationToken) => new(_headers);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
