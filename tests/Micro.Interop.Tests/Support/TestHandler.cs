using Google.Protobuf;
using Micro.Interop.Tests.Protos;

namespace Micro.Interop.Tests.Support;

/// <summary>The service on Micro's side.</summary>
public sealed class TestHandler : ITestService
{
    private int _running;

    /// <summary>Streams that have not ended.</summary>
    public int Running => Volatile.Read(ref _running);

    public Task<Nothing> EmptyCallAsync(Nothing request, CallContext context) => Task.FromResult(new Nothing());

    public Task<UnaryReply> UnaryCallAsync(UnaryRequest request, CallContext context)
    {
        EchoHeaders(context);
        Fail(request.Outcome);
        return Task.FromResult(new UnaryReply { Payload = Bytes(request.ReplySize) });
    }

    public async IAsyncEnumerable<OutputReply> StreamingOutputAsync(OutputRequest request, CallContext context)
    {
        Interlocked.Increment(ref _running);
        try
        {
            foreach (var size in request.Sizes)
            {
                yield return new OutputReply { Payload = Bytes(size) };
            }

            if (request.Hang)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public async Task<InputReply> StreamingInputAsync(IAsyncEnumerable<InputRequest> requests, CallContext context)
    {
        Interlocked.Increment(ref _running);
        try
        {
            var total = 0;
            await foreach (var request in requests.WithCancellation(context.CancellationToken))
            {
                total += request.Payload.Length;
            }

            return new InputReply { TotalSize = total };
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public async IAsyncEnumerable<OutputReply> FullDuplexAsync(IAsyncEnumerable<OutputRequest> requests, CallContext context)
    {
        Interlocked.Increment(ref _running);
        try
        {
            EchoHeaders(context);
            await foreach (var request in requests.WithCancellation(context.CancellationToken))
            {
                Fail(request.Outcome);
                foreach (var size in request.Sizes)
                {
                    yield return new OutputReply { Payload = Bytes(size) };
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private static ByteString Bytes(int size) => ByteString.CopyFrom(new byte[size]);

    private static void EchoHeaders(CallContext context)
    {
        if (context.RequestHeaders["x-echo-initial"] is { } initial)
        {
            context.ResponseHeaders.Add("x-echo-initial", initial);
        }

        if (context.RequestHeaders.GetBinary("x-echo-trailing-bin") is { } trailing)
        {
            context.ResponseTrailers.AddBinary("x-echo-trailing-bin", trailing);
        }
    }

    private static void Fail(Outcome? outcome)
    {
        if (outcome is { Code: > 0 })
        {
            throw new CallException((CallStatusCode)outcome.Code, outcome.Message);
        }
    }
}
