using Google.Protobuf;
using Grpc.Core;
using Micro.Interop.Tests.Protos;
using Micro.Security;

namespace Micro.Interop.Tests.Support;

/// <summary>A service class as people have them from Grpc.AspNetCore; Missing is not overridden.</summary>
[Allow(Callers.TrustDomain)]
public sealed class HostedHandler : TestService.TestServiceBase, IDisposable
{
    private readonly HostedProbe _probe;

    public HostedHandler(HostedProbe probe)
    {
        _probe = probe;
        probe.Make();
    }

    public void Dispose() => _probe.Dispose();

    [Allow("orders")]
    public override Task<Nothing> EmptyCall(Nothing request, ServerCallContext context)
    {
        using var entered = _probe.Enter();
        return Task.FromResult(new Nothing());
    }

    public override async Task<UnaryReply> UnaryCall(UnaryRequest request, ServerCallContext context)
    {
        using var entered = _probe.Enter();
        await EchoHeadersAsync(context);
        switch (request.Outcome?.Message)
        {
            case "gate":
                await _probe.Gate.Task.WaitAsync(context.CancellationToken);
                break;
            case "wait":
                _probe.Seen["deadline"] = context.Deadline;
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
                break;
            case "downstream":
                await DownstreamAsync(context.CancellationToken);
                break;
            case "status":
                context.Status = new Status((StatusCode)request.Outcome.Code, "set on the context");
                break;
            case "details":
                throw WithDetails();
            case "look":
                Look(context);
                break;
            case "break":
                throw new InvalidOperationException("password=secret");
            default:
                Fail(request.Outcome);
                break;
        }

        return new UnaryReply { Payload = Bytes(request.ReplySize) };
    }

    public override async Task StreamingOutput(OutputRequest request, IServerStreamWriter<OutputReply> responseStream, ServerCallContext context)
    {
        using var entered = _probe.Enter();
        foreach (var size in request.Sizes)
        {
            await responseStream.WriteAsync(new OutputReply { Payload = Bytes(size) });
        }

        if (request.Hang)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
        }

        Fail(request.Outcome);
    }

    public override async Task<InputReply> StreamingInput(IAsyncStreamReader<InputRequest> requestStream, ServerCallContext context)
    {
        using var entered = _probe.Enter();
        var total = 0;
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            total += request.Payload.Length;
        }

        return new InputReply { TotalSize = total };
    }

    public override async Task FullDuplex(IAsyncStreamReader<OutputRequest> requestStream, IServerStreamWriter<OutputReply> responseStream, ServerCallContext context)
    {
        using var entered = _probe.Enter();
        await EchoHeadersAsync(context);
        await foreach (var request in requestStream.ReadAllAsync())
        {
            Fail(request.Outcome);
            foreach (var size in request.Sizes)
            {
                await responseStream.WriteAsync(new OutputReply { Payload = Bytes(size) }, context.CancellationToken);
            }
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
            throw new RpcException(new Status((StatusCode)outcome.Code, outcome.Message), new Metadata { { "x-cause", "because" } });
        }
    }

    /// <summary>As a client of another service ends when its token fires.</summary>
    private static async Task DownstreamAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "Call canceled by the client."));
        }
    }

    /// <summary>As Grpc.StatusProto makes them, and with what a client of a Micro service finds in the trailers.</summary>
    private static RpcException WithDetails()
    {
        var status = new RpcStatus { Code = (int)StatusCode.FailedPrecondition, Message = "not yet" };
        status.Details.Add(Google.Protobuf.WellKnownTypes.Any.Pack(new Outcome { Code = 42 }));
        return new RpcException(new Status(StatusCode.FailedPrecondition, "not yet"), new Metadata
        {
            { "grpc-status-details-bin", status.ToByteArray() },
            { "grpc-retry-pushback-ms", "1500" },
            { "micro-executed", "no" },
            { "x-own", "kept" },
        });
    }

    private void Look(ServerCallContext context)
    {
        _probe.Seen["method"] = context.Method;
        _probe.Seen["host"] = context.Host;
        _probe.Seen["peer"] = context.Peer;
        _probe.Seen["deadline"] = context.Deadline;
        _probe.Seen["authenticated"] = context.AuthContext.IsPeerAuthenticated;
        _probe.Seen["http"] = context.GetHttpContext().Request.Path.Value;
        context.UserState["mine"] = this;
        _probe.Seen["state"] = context.UserState["mine"];
        _probe.Seen["current"] = CallContext.Current?.Spec?.Path;
    }
}
