using System.Net;

namespace Micro.Grpc;

/// <summary>
/// The messages of a stream, sent once. When the peer proves that it did not look at a stream (REFUSED_STREAM, GOAWAY), SocketsHttpHandler opens another of its own accord; grpc-dotnet would go on
/// writing to the first one, and what it wrote before would be lost to both. So the second asking fails, and the pipeline, which kept the messages, retries.
/// </summary>
internal sealed class GrpcStreamContent(HttpContent messages) : HttpContent
{
    private int _sent;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        Interlocked.Exchange(ref _sent, 1) == 0
            ? messages.CopyToAsync(stream, context, cancellationToken)
            : Task.FromException(new HttpRequestException(HttpRequestError.ConnectionError, "The peer did not take the stream on the socket that was open."));

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            messages.Dispose();
        }

        base.Dispose(disposing);
    }
}
