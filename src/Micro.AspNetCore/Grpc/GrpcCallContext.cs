using System.Net;
using global::Grpc.Core;
using Micro.AspNetCore.Hosting;

namespace Micro.AspNetCore.Grpc;

/// <summary>A call as the classes of Grpc.Tools see it. What they say of its outcome becomes a <see cref="CallStatus"/> here, and nowhere else.</summary>
/// <param name="call">The call.</param>
/// <param name="cancellationToken">The call's token, or one that is linked with it.</param>
internal sealed class GrpcCallContext(CallContext call, CancellationToken cancellationToken) : ServerCallContext
{
    /// <summary>Where grpc-dotnet's <c>GetHttpContext()</c> looks.</summary>
    private const string HttpContextKey = "__HttpContext";

    private Metadata? _requestHeaders;
    private Metadata? _responseTrailers;
    private AuthContext? _peer;
    private Dictionary<object, object>? _userState;
    private DateTime? _deadline;
    private bool _headersSent;

    protected override string MethodCore => call.Spec!.Path;

    /// <summary>The name callers resolve; what they write into <c>Host</c> is nothing to rely on.</summary>
    protected override string HostCore => call.Spec!.Service;

    /// <summary>As gRPC writes addresses. Source: grpc/doc/naming.md.</summary>
    protected override string PeerCore => call.RemoteAddress switch
    {
        null => "unknown",
        "unix" => "unix:",
        var text when IPEndPoint.TryParse(text, out var address) => (address.Address.IsIPv4MappedToIPv6, address.AddressFamily) switch
        {
            (true, _) => $"ipv4:{address.Address.MapToIPv4()}:{address.Port}",
            (_, System.Net.Sockets.AddressFamily.InterNetworkV6) => $"ipv6:{address}",
            _ => $"ipv4:{address}",
        },
        var other => other,
    };

    protected override DateTime DeadlineCore => _deadline ??= call is { Clock: { } clock, Remaining: { } left } ? clock.GetUtcNow().UtcDateTime + left : DateTime.MaxValue;

    protected override Metadata RequestHeadersCore => _requestHeaders ??= GrpcMetadata.FromHeaders(call.RequestHeaders);

    protected override CancellationToken CancellationTokenCore => cancellationToken;

    protected override Metadata ResponseTrailersCore => _responseTrailers ??= [];

    protected override Status StatusCore { get; set; }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    /// <summary>Of nobody: who calls is verified by the pipeline, and not with a certificate of this connection.</summary>
    protected override AuthContext AuthContextCore => _peer ??= new AuthContext(null, []);

    protected override IDictionary<object, object> UserStateCore
    {
        get
        {
            if (_userState is null)
            {
                _userState = [];
                if (call.Stream is IHttpCallStream stream)
                {
                    _userState[HttpContextKey] = stream.Http;
                }
            }

            return _userState;
        }
    }

    /// <summary>Runs the method and takes over the trailers and the outcome it leaves.</summary>
    /// <exception cref="CallException">It set a status, or threw an <see cref="RpcException"/>.</exception>
    public async Task<T> RunAsync<T>(Func<ServerCallContext, Task<T>> method)
    {
        try
        {
            var result = await method(this);
            return Status.StatusCode == StatusCode.OK ? result : throw Failure(Status, _responseTrailers, null);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Cancelled && cancellationToken.IsCancellationRequested)
        {
            // A call further down was cancelled with this one. Whether that was the caller, the deadline or a drain, the pipeline knows.
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
        catch (RpcException e)
        {
            if (!ReferenceEquals(e.Trailers, _responseTrailers))
            {
                CopyTrailers(e.Trailers);
            }

            throw Failure(e.Status, e.Trailers, e);
        }
        finally
        {
            CopyTrailers(_responseTrailers);
        }
    }

    protected override async Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        if (_headersSent)
        {
            throw new InvalidOperationException("Response headers can only be sent once per call.");
        }

        _headersSent = true;
        foreach (var entry in responseHeaders)
        {
            call.ResponseHeaders.Add(entry.Key, GrpcMetadata.ValueOf(entry));
        }

        if (call.Stream is IHttpCallStream stream)
        {
            await stream.SendHeadersAsync();
        }
    }

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        throw new NotSupportedException("Calls made with Micro's clients inherit deadline and cancellation without a token.");

    private void CopyTrailers(Metadata? trailers)
    {
        foreach (var entry in trailers ?? [])
        {
            if (entry.Key == GrpcMetadata.Pushback)
            {
                call.RetryPushback = GrpcMetadata.ReadPushback(entry.Value);
            }
            else
            {
                GrpcMetadata.AddTo(call.ResponseTrailers, entry);
            }
        }
    }

    private static CallException Failure(Status status, Metadata? trailers, Exception? cause)
    {
        // An exception is no success, whatever it says of itself.
        var code = status.StatusCode == StatusCode.OK ? CallStatusCode.Unknown : (CallStatusCode)(int)status.StatusCode;
        var details = trailers?.GetValueBytes(GrpcMetadata.Details) is { } encoded ? StatusDetails.Read(encoded) : null;
        return new CallException(new CallStatus(code, status.Detail, details), cause);
    }
}
