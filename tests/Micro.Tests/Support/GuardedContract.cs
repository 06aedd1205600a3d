using Micro.Security;

namespace Micro.Tests.Support;

/// <summary>A contract whose methods admit different callers.</summary>
[MicroService("guarded", Json = typeof(ProbeJson))]
public interface IGuarded
{
#pragma warning disable MICRO017 // A method that nobody may call: that is what is tested.
    Task<ProbeReply> NobodyAsync(ProbeRequest request, CancellationToken cancellationToken = default);
#pragma warning restore MICRO017

    [Allow("orders")]
    Task<ProbeReply> OrdersAsync(ProbeRequest request, CancellationToken cancellationToken = default);

    [Allow("orders")]
    [Allow(Callers.TrustDomain)]
    Task<ProbeReply> BothAsync(ProbeRequest request, CancellationToken cancellationToken = default);
}

/// <summary>A contract that one service alone may call.</summary>
[MicroService("orders-only", Json = typeof(ProbeJson))]
[Allow("orders")]
public interface IOrdersOnly
{
    Task<ProbeReply> EchoAsync(ProbeRequest request, CancellationToken cancellationToken = default);
}

/// <summary>A second service for processes that serve several.</summary>
[MicroService("second", Json = typeof(ProbeJson))]
[Allow(Callers.TrustDomain)]
public interface ISecond
{
    Task<ProbeReply> EchoAsync(ProbeRequest request, CancellationToken cancellationToken = default);
}

/// <summary>Implements them all.</summary>
public sealed class Guarded : IGuarded, IOrdersOnly, ISecond
{
    public int Calls;

    public Task<ProbeReply> NobodyAsync(ProbeRequest request, CancellationToken cancellationToken = default) => Answer(request);

    public Task<ProbeReply> OrdersAsync(ProbeRequest request, CancellationToken cancellationToken = default) => Answer(request);

    public Task<ProbeReply> BothAsync(ProbeRequest request, CancellationToken cancellationToken = default) => Answer(request);

    public Task<ProbeReply> EchoAsync(ProbeRequest request, CancellationToken cancellationToken = default) => Answer(request);

    private Task<ProbeReply> Answer(ProbeRequest request)
    {
        Interlocked.Increment(ref Calls);
        return Task.FromResult(new ProbeReply(request.Text, request.Number, "guarded"));
    }
}
