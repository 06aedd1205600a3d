using System.Runtime.CompilerServices;

namespace Micro.Cli.Tests.Support;

internal sealed class Greeter : IGreeter, IPolite
{
    /// <summary>Completes when a call of Wait has come; replaced by who wants to see the next.</summary>
    public TaskCompletionSource Waiting { get; set; } = NewSignal();

    /// <summary>Completes when a call of Wait was cancelled.</summary>
    public TaskCompletionSource Cancelled { get; set; } = NewSignal();

    /// <summary>Lets Count go on after the number it was told to wait after.</summary>
    public TaskCompletionSource Gate { get; set; } = NewSignal();

    public static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<HelloReply> HelloAsync(HelloRequest request, CancellationToken cancellationToken = default) =>
        Task.FromResult(new HelloReply(string.Join(" ", Enumerable.Repeat($"Hello {request.Name}!", request.Times))));

    public Task<EchoReply> EchoAsync(CallContext context) =>
        Task.FromResult(new EchoReply(string.Join(",", context.RequestHeaders.GetAll("x-test")), context.Remaining!.Value.TotalSeconds));

    public async IAsyncEnumerable<Tick> CountAsync(CountRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var i = 1; i <= request.Until; i++)
        {
            yield return new Tick(i);
            if (i == request.WaitAfter && i < request.Until)
            {
                await Gate.Task.WaitAsync(cancellationToken);
            }
            else if (i == request.FailAfter && i < request.Until)
            {
                throw new CallException(CallStatusCode.DataLoss, "the rest is lost");
            }
        }
    }

    public async Task<Sum> SumAsync(IAsyncEnumerable<Tick> ticks, CancellationToken cancellationToken = default)
    {
        var numbers = await ticks.Select(tick => tick.Number).ToListAsync(cancellationToken);
        return new Sum(numbers.Sum(), numbers.Count);
    }

    public async IAsyncEnumerable<HelloReply> ChatAsync(
        IAsyncEnumerable<HelloRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var request in requests.WithCancellation(cancellationToken))
        {
            yield return new HelloReply($"Hello {request.Name}!");
        }
    }

    public Task FailAsync(FailRequest request, CancellationToken cancellationToken = default) =>
        throw new CallException(new CallStatus(request.Code, request.Message, [new CallErrorDetail("test/detail", new byte[] { 1, 2, 3 })]));

    public async Task WaitAsync(CancellationToken cancellationToken = default)
    {
        Waiting.TrySetResult();
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        finally
        {
            Cancelled.TrySetResult();
        }
    }

    Task<HelloReply> IPolite.HelloAsync(HelloRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(new HelloReply($"Good day, {request.Name}."));

    public Task<HelloReply> BowAsync(HelloRequest request, CancellationToken cancellationToken = default) =>
        Task.FromResult(new HelloReply("..."));
}
