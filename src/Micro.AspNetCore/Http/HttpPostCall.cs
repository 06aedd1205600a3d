using System.Buffers;
using Micro.AspNetCore.Hosting;
using Micro.Transport;
using Micro.Transport.Http;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Micro.AspNetCore.Http;

/// <summary>A call that came as a POST: one request message; one response message, JSON lines or events.</summary>
internal sealed class HttpPostCall(HttpContext context, HttpNegotiation agreed, int maxMessageBytes, HttpRefusal? refusal = null) : ICallStream, IHttpCallStream
{
    private CallHeaders? _headers;
    private CallMessage? _response;
    private HttpRefusal? _fault;
    private bool _read;
    private bool _started;

    public CallEnd? End { get; private set; }

    public bool IsCompleted { get; private set; }

    public HttpContext Http => context;

    public ValueTask<CallHeaders> HeadersAsync(CancellationToken cancellationToken) => new(_headers ??= []);

    public async ValueTask<CallMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        if (_read)
        {
            End ??= CallEnd.Ok;
            return null;
        }

        _read = true;
        var (message, refusal) = await HttpRequestReader.ReadAsync(context.Request, maxMessageBytes, cancellationToken);
        if (refusal is not null)
        {
            _fault = refusal;
            End = new CallEnd(refusal.Status);
        }

        return message;
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfOver();
        HttpResponses.ThrowIfTooLarge(message, maxMessageBytes);
        if (agreed.Framing != ResponseFraming.Single)
        {
            return WriteFramedAsync(message, cancellationToken);
        }

        if (_response is not null)
        {
            throw new InvalidOperationException("A unary call has one response.");
        }

        // Kept until the outcome is known: a status, headers and trailers go before the body.
        _response = CallMessage.Copy(message.Span);
        return default;
    }

    public async ValueTask CompleteAsync(CallEnd end, CancellationToken cancellationToken)
    {
        if (IsCompleted)
        {
            return;
        }

        IsCompleted = true;
        if (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        try
        {
            await WriteEndAsync(Settle(end), cancellationToken);
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException || context.RequestAborted.IsCancellationRequested)
        {
            // The caller went away; nobody is left to be told.
        }
    }

    /// <summary>They go with the first message or the outcome: before it the HTTP status is not known.</summary>
    public ValueTask SendHeadersAsync() => default;

    public ValueTask DisposeAsync()
    {
        Interlocked.Exchange(ref _response, null)?.Dispose();
        if (!IsCompleted)
        {
            IsCompleted = true;
            context.Abort();
        }

        return default;
    }

    // A request that could not be read has that for its outcome, whatever was made of the missing message.
    private CallEnd Settle(CallEnd end)
    {
        if (_fault is not null)
        {
            return new CallEnd(_fault.Status);
        }

        return end.Status.IsOk && _response is null && agreed.Framing == ResponseFraming.Single
            ? new CallEnd(new CallStatus(CallStatusCode.Internal, "The call ended without a response."))
            : end;
    }

    private async ValueTask WriteEndAsync(CallEnd end, CancellationToken cancellationToken)
    {
        var response = context.Response;
        if (!end.Status.IsOk && !_started)
        {
            HttpResponses.AddHeaders(response, _headers);
            await HttpResponses.WriteOutcomeAsync(context, end, _fault ?? refusal);
        }
        else if (agreed.Framing == ResponseFraming.Single)
        {
            var message = _response!.Memory;
            response.ContentType = agreed.ResponseType;
            response.ContentLength = message.Length;
            HttpResponses.AddHeaders(response, _headers);
            HttpResponses.AddTrailers(response, end.Trailers);
            await response.BodyWriter.WriteAsync(message, cancellationToken);
        }
        else
        {
            Start();
            WriteStatus(end);
            await response.BodyWriter.FlushAsync(cancellationToken);
        }
    }

    private async ValueTask WriteFramedAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        Start();
        var writer = context.Response.BodyWriter;
        if (agreed.Framing == ResponseFraming.Events)
        {
            writer.Write("data: "u8);
        }
        else if (message.Span.StartsWith(ControlFrame.Mark))
        {
            writer.Write(" "u8);
        }

        WriteOnOneLine(writer, message.Span);
        writer.Write(agreed.Framing == ResponseFraming.Events ? "\n\n"u8 : "\n"u8);
        try
        {
            var flushed = await writer.FlushAsync(cancellationToken);
            if (flushed.IsCompleted)
            {
                ThrowIfOver();
            }
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException)
        {
            throw new CallException(Gone(), e);
        }
    }

    // A line break in JSON can only stand between tokens, where a space means the same.
    private static void WriteOnOneLine(IBufferWriter<byte> writer, ReadOnlySpan<byte> json)
    {
        while (json.IndexOfAny((byte)'\n', (byte)'\r') is var index and >= 0)
        {
            writer.Write(json[..index]);
            writer.Write(" "u8);
            json = json[(index + 1)..];
        }

        writer.Write(json);
    }

    private void WriteStatus(CallEnd end)
    {
        var writer = context.Response.BodyWriter;
        var events = agreed.Framing == ResponseFraming.Events;
        if (events)
        {
            writer.Write("event: status\ndata: "u8);
        }

        ControlFrame.WriteStatus(writer, end);
        writer.Write(events ? "\n\n"u8 : "\n"u8);
    }

    private void Start()
    {
        if (_started)
        {
            return;
        }

        _started = true;
        var response = context.Response;
        response.ContentType = agreed.Framing == ResponseFraming.Events ? HttpNames.Events : HttpNames.Lines;
        response.Headers.CacheControl = "no-store";
        HttpResponses.AddHeaders(response, _headers);

        // A caller may take its time over a stream; what bounds that is back-pressure and the call's own deadline.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }

    private void ThrowIfOver()
    {
        if (IsCompleted || context.RequestAborted.IsCancellationRequested)
        {
            throw new CallException(Gone());
        }
    }

    private static CallStatus Gone() => new(CallStatusCode.Cancelled, "The caller went away.");
}
