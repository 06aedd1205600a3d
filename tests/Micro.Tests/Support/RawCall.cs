using Micro.Transport;

namespace Micro.Tests.Support;

/// <summary>A call as a transport hands it to the server pipeline, written down by the test: what it is given, what is read of it and how it ends.</summary>
internal sealed class RawCall : ICallStream
{
    private readonly Queue<byte[]> _requests;
    private readonly CallHeaders _headers = new();

    public RawCall(params IEnumerable<string> requests) => _requests = new(requests.Select(System.Text.Encoding.UTF8.GetBytes));

    /// <summary>How often a message was asked for.</summary>
    public int Reads { get; private set; }

    public List<string> Responses { get; } = [];

    public CallEnd? Outcome { get; private set; }

    public CallEnd? End { get; private set; }

    public CallHeaders Headers => _headers;

    public IncomingCall To(
        string path, TimeSpan? timeout = null, CallHeaders? headers = null, string contentType = "application/json", Caller? caller = null, CallStatus? refusal = null,
        ICallStream? stream = null, CancellationTokenSource? aborted = null) => new()
    {
        Path = path,
        ContentType = contentType,
        Headers = headers ?? new CallHeaders(),
        Stream = stream ?? this,
        Timeout = timeout,
        Aborted = aborted?.Token ?? default,
        Caller = caller ?? Caller.Anonymous,
        Refusal = refusal,

        // A call of the process itself, unless the test says who calls.
        Transport = caller is null ? "inproc" : "test",
    };

    public ValueTask WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        Responses.Add(System.Text.Encoding.UTF8.GetString(message.Span));
        return ValueTask.CompletedTask;
    }

    public ValueTask CompleteAsync(CallEnd end, CancellationToken cancellationToken)
    {
        Assert.Null(Outcome);
        Outcome = end;
        return ValueTask.CompletedTask;
    }

    public ValueTask<CallMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        Reads++;
        if (_requests.TryDequeue(out var request))
        {
            return new(CallMessage.Copy(request));
        }

        End = CallEnd.Ok;
        return new((CallMessage?)null);
    }

    public ValueTask<CallHeaders> HeadersAsync(CancellationToken cancellationToken) => new(_headers);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
