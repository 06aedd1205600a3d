using Grpc.Core;
using Grpc.Health.V1;
using Micro.Interop.Tests.Protos;
using Micro.Security;

namespace Micro.Interop.Tests.Support;

/// <summary>Nothing allows its first method, and only the method itself the second.</summary>
public class ClosedHandler(HostedProbe probe) : TestService.TestServiceBase
{
    public override Task<UnaryReply> UnaryCall(UnaryRequest request, ServerCallContext context)
    {
        using var entered = probe.Enter();
        return Task.FromResult(new UnaryReply());
    }

    [Allow(Callers.TrustDomain)]
    [Idempotent]
    public override Task<Nothing> EmptyCall(Nothing request, ServerCallContext context)
    {
        using var entered = probe.Enter();
        return Task.FromResult(new Nothing());
    }
}

/// <summary>Inherits a class of services, and hides a method besides.</summary>
[Allow(Callers.TrustDomain)]
public sealed class DerivedHandler(HostedProbe probe) : ClosedHandler(probe)
{
    public new Task<UnaryReply> UnaryCall(UnaryRequest request, ServerCallContext context) => throw new InvalidOperationException("Hides, overrides nothing.");
}

/// <summary>Its methods do what is not to be done with a stream.</summary>
[Allow(Callers.TrustDomain)]
public sealed class UnrulyHandler(HostedProbe probe) : TestService.TestServiceBase
{
    /// <summary>Leaves a read behind.</summary>
    public override async Task FullDuplex(IAsyncStreamReader<OutputRequest> requestStream, IServerStreamWriter<OutputReply> responseStream, ServerCallContext context)
    {
        using var entered = probe.Enter();
        var first = requestStream.MoveNext(CancellationToken.None);
        probe.Seen["second read"] = await Record.ExceptionAsync(() => requestStream.MoveNext(CancellationToken.None));
        await first;
        using var impatient = new CancellationTokenSource();
        var given = requestStream.MoveNext(impatient.Token);
        await impatient.CancelAsync();
        probe.Seen["given up"] = await Record.ExceptionAsync(() => given);
        probe.Seen["reader"] = requestStream;
        probe.Seen["writer"] = responseStream;
        _ = requestStream.MoveNext(CancellationToken.None);
        await responseStream.WriteAsync(new OutputReply());
    }

    /// <summary>Does not wait for its writes.</summary>
    public override Task StreamingOutput(OutputRequest request, IServerStreamWriter<OutputReply> responseStream, ServerCallContext context)
    {
        using var entered = probe.Enter();
        _ = responseStream.WriteAsync(new OutputReply());
        probe.Seen["second write"] = responseStream.WriteAsync(new OutputReply()).Exception?.InnerException;
        return Task.CompletedTask;
    }

    /// <summary>Reads on past the end.</summary>
    public override async Task<InputReply> StreamingInput(IAsyncStreamReader<InputRequest> requestStream, ServerCallContext context)
    {
        using var entered = probe.Enter();
        Assert.True(await requestStream.MoveNext(CancellationToken.None));
        Assert.False(await requestStream.MoveNext(CancellationToken.None));
        Assert.False(await requestStream.MoveNext(CancellationToken.None));
        return new InputReply { TotalSize = 1 };
    }
}

/// <summary>Writes more than may be sent without looking, and waits for the end of the call.</summary>
[Allow(Callers.TrustDomain)]
public sealed class TooMuchHandler(HostedProbe probe) : TestService.TestServiceBase
{
    public override async Task StreamingOutput(OutputRequest request, IServerStreamWriter<OutputReply> responseStream, ServerCallContext context)
    {
        using var entered = probe.Enter();
        probe.Seen["write"] = Record.ExceptionAsync(() => responseStream.WriteAsync(new OutputReply { Payload = PlainClientTests.Bytes(10_000) }));
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
    }
}

/// <summary>Of another service of the same file.</summary>
public sealed class OneOfMissing : MissingService.MissingServiceBase
{
    public override Task<Nothing> EmptyCall(Nothing request, ServerCallContext context) => Task.FromResult(new Nothing());
}

public sealed class NoService;

public abstract class AbstractHandler : TestService.TestServiceBase;

public sealed class EmptyHandler : TestService.TestServiceBase;

/// <summary>Has a path of the server itself.</summary>
[Allow(Callers.TrustDomain)]
public sealed class OwnHealth : Health.HealthBase
{
    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) =>
        Task.FromResult(new HealthCheckResponse());
}
