using Google.Protobuf;
using Grpc.Core;
using Micro.Interop.Tests.Protos;

namespace Micro.Interop.Tests.Support;

/// <summary>The service on plain Grpc.AspNetCore.</summary>
public sealed class PlainHandler : TestService.TestServiceBase
{
    public static int Running;

    public override Task<Nothing> EmptyCall(Nothing request, ServerCallContext context) => Task.FromResult(new Nothing());

    public override async Task<UnaryReply> UnaryCall(UnaryRequest request, ServerCallContext context)
    {
        await EchoHeadersAsync(context);
        Fail(request.Outcome);
        return new UnaryReply { Payload = Bytes(request.ReplySize) };
    }

    public override async Task StreamingOutput(OutputRequest request, IServerStreamWriter<OutputReply> responseStream, ServerCallContext context)
    {
        Interlocked.Increment(ref Running);
        try
        {
            foreach (var size in request.Sizes)
            {
                await responseStream.WriteAsync(new OutputReply { Payload = Bytes(size) });
            }

            if (request.Hang)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
            }
        }
        finally
        {
            Interlocked.Decrement(ref Running);
        }
    }

    public override async Task<InputReply> StreamingInput(IAsyncStreamReader<InputRequest> requestStream, ServerCallContext context)
    {
        Interlocked.Increment(ref Running);
        try
        {
            var total = 0;
            await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
            {
                total += request.Payload.Length;
            }

            return new InputReply { TotalSize = total };
        }
        finally
        {
            Interlocked.Decrement(ref Running);
        }
    }

    public override async Task FullDuplex(IAsyncStreamReader<OutputRequest> requestStream, IServerStreamWriter<OutputReply> responseStream, ServerCallContext context)
    {
        Interlocked.Increment(ref Running);
        try
        {
            await EchoHeadersAsync(context);
            await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
            {
                Fail(request.Outcome);
                foreach (var size in request.Sizes)
                {
                    await responseStream.WriteAsync(new OutputReply { Payload = Bytes(size) });
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref Running);
        }
    }

    private static ByteString Bytes(int size) => ByteString.CopyFrom(new byte[size]);

    private static async Task EchoHeadersAsync(ServerCallContext context)
    {
        if (context.RequestHeaders.GetValue("x-echo-initial") is { } initial)
        {
            await context.WriteResponseHeadersAsync(new Metadata { { "x-echo-initial", initial } });
        }

        if (context.RequestHeaders.GetValueBytes("x-echo-trailing-bin") is { } trailing)
        {
            context.ResponseTrailers.Add("x-echo-trailing-bin", trailing);
        }
    }

    private static void Fail(Outcome? outcome)
    {
        if (outcome is { Code: > 0 })
        {
            throw new RpcException(new Status((StatusCode)outcome.Code, outcome.Message));
        }
    }
}
