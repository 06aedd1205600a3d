using System.Runtime.CompilerServices;

namespace Micro.Soak.Transport;

/// <summary>Takes its time in the way the request says, and notes in the ledger that it began, was told to stop, and ended.</summary>
internal sealed class TransportHandler(HandlerLedger ledger) : ISoak
{
    public async Task<SoakReply> HoldAsync(SoakRequest request, CancellationToken cancellationToken = default)
    {
        using var entry = ledger.Enter();
        entry.Is(request.Id, cancellationToken);
        if (request.Millis > 0)
        {
            await Task.Delay(request.Millis, cancellationToken);
        }

        return new SoakReply(request.Id, 0, new string('x', request.Size));
    }

    public Task<SoakReply> RepeatAsync(SoakRequest request, CancellationToken cancellationToken = default) => HoldAsync(request, cancellationToken);

    public async IAsyncEnumerable<SoakReply> PourAsync(SoakRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var entry = ledger.Enter();
        entry.Is(request.Id, cancellationToken);
        var filling = new string('x', request.Size);
        for (var i = 0; i < request.Count; i++)
        {
            yield return new SoakReply(request.Id, i, filling);
            entry.Message();
            if (request.Millis > 0)
            {
                await Task.Delay(request.Millis, cancellationToken);
            }
        }
    }

    public async Task<SoakReply> GatherAsync(IAsyncEnumerable<SoakRequest> requests, CancellationToken cancellationToken = default)
    {
        using var entry = ledger.Enter();
        var count = 0;
        await foreach (var request in requests.WithCancellation(cancellationToken))
        {
            entry.Is(request.Id, cancellationToken);
            entry.Message();
            count++;
            if (request.Millis > 0)
            {
                await Task.Delay(request.Millis, cancellationToken);
            }
        }

        return new SoakReply(0, count);
    }

    public async IAsyncEnumerable<SoakReply> TalkAsync(
        IAsyncEnumerable<SoakRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var entry = ledger.Enter();
        var count = 0;
        await foreach (var request in requests.WithCancellation(cancellationToken))
        {
            entry.Is(request.Id, cancellationToken);
            entry.Message();
            yield return new SoakReply(request.Id, count++);
        }
    }
}
