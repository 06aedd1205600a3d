using System.Runtime.CompilerServices;
using global::Grpc.Core;
using Micro.AspNetCore.Hosting;
using Micro.Transport;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Micro.AspNetCore.Grpc;

/// <summary>A call as the server pipeline sees it, over the reader and writer of grpc-dotnet. The outcome goes out when the handler's task ends.</summary>
internal sealed class GrpcServerStream(
    IAsyncStreamReader<CallMessage> requests, IServerStreamWriter<GrpcResponse> responses, ServerCallContext context, HttpContext http, int maxMessageBytes)
    : ICallStream, IHttpCallStream
{
    private const int Cancel = 8;

    private static readonly CallEnd Gone = new(new CallStatus(CallStatusCode.Cancelled, "The caller cancelled the call or went away."));

    private readonly CallHeaders _headers = new();
    private readonly GrpcResponse _response = new();
    private readonly CancellationToken _aborted = http.RequestAborted;
    private CallEnd? _end;
    private bool _headersSent;

    public CallEnd? End => Volatile.Read(ref _end);

    public bool IsCompleted { get; private set; }

    public HttpContext Http => http;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        // Before grpc-dotnet sees the token: it would reset the stream, and an outcome could no longer be told.
        cancellationToken.ThrowIfCancellationRequested();
        if (message.Length > maxMessageBytes)
        {
            throw new CallException(new CallStatus(
                CallStatusCode.ResourceExhausted, $"The response has {message.Length} bytes; at most {maxMessageBytes} may be sent (Micro:Server:MaxMessageBytes)."));
        }

        SendHeaders();
        _response.Bytes = message;
        try
        {
            await responses.WriteAsync(_response, cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new CallException(Gone.Status, e);
        }
        finally
        {
            _response.Bytes = default;
        }
    }

    public ValueTask CompleteAsync(CallEnd end, CancellationToken cancellationToken)
    {
        if (IsCompleted)
        {
            throw new InvalidOperationException("The call was completed already.");
        }

        IsCompleted = true;
        if (_aborted.IsCancellationRequested)
        {
            throw new CallException(Gone.Status);
        }

        SendHeaders();
        GrpcTrailers.Write(GrpcTrailers.Destination(http), end, Contract);
        context.Status = new Status((StatusCode)(int)end.Status.Code, end.Status.Message);
        return ValueTask.CompletedTask;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<CallMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        if (End is not null)
        {
            return null;
        }

        try
        {
            if (await requests.MoveNext(cancellationToken))
            {
                return requests.Current;
            }

            Volatile.Write(ref _end, CallEnd.Ok);
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException or InvalidOperationException or IOException or InvalidDataException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Volatile.Write(ref _end, _aborted.IsCancellationRequested ? Gone : Broken(e));
        }

        return null;
    }

    public ValueTask<CallHeaders> HeadersAsync(CancellationToken cancellationToken) => new(_headers);

    public async ValueTask SendHeadersAsync()
    {
        if (_headersSent)
        {
            throw new InvalidOperationException("The response headers were sent already, with the first message at the latest.");
        }

        SendHeaders();
        try
        {
            await context.WriteResponseHeadersAsync([]);
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or IOException)
        {
            throw new CallException(Gone.Status, e);
        }
    }

    public ValueTask DisposeAsync()
    {
        if (!IsCompleted)
        {
            IsCompleted = true;
            http.Features.Get<IHttpResetFeature>()?.Reset(Cancel);
        }

        return ValueTask.CompletedTask;
    }

    private string Contract => GrpcPath.Contract(http.Request.Path.Value);

    private void SendHeaders()
    {
        if (_headersSent)
        {
            return;
        }

        _headersSent = true;
        for (var i = 0; i < _headers.Count; i++)
        {
            http.Response.Headers.Append(_headers[i].Key, _headers[i].Value);
        }
    }

    /// <summary>The request was not what gRPC is, or was too much.</summary>
    private CallEnd Broken(Exception e) => new(e switch
    {
        RpcException rpc => new CallStatus((CallStatusCode)(int)rpc.StatusCode, rpc.Status.Detail),

        // A length of 2 GB and more is no number to grpc-dotnet; a smaller one above the limit comes as an RpcException.
        IOException { InnerException: null } when e.Message.StartsWith("Message too large", StringComparison.Ordinal) =>
            new CallStatus(CallStatusCode.ResourceExhausted, $"The request message is larger than the {maxMessageBytes} bytes taken (Micro:Server:MaxMessageBytes)."),
        InvalidDataException => new CallStatus(CallStatusCode.Internal, "The request message is not framed or compressed as it should be."),
        _ => Gone.Status,
    });
}
