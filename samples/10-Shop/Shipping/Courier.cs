using Shop.Contracts;

namespace Shop.Shipping;

/// <summary>Moves the parcels: a day of theirs passes in a fraction of a second.</summary>
internal sealed partial class Courier(ParcelBook book, ITracking tracking, TimeProvider clock, ILogger<Courier> logger) : BackgroundService
{
    private static readonly TimeSpan Day = TimeSpan.FromMilliseconds(400);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Day, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var moved = book.Move();
            if (moved.Count > 0)
            {
                await TellAsync(moved, stoppingToken);
            }
        }
    }

    /// <summary>One call for all news of the day. A stream is not sent again unasked, so this does: tracking notes each event once.</summary>
    private async Task TellAsync(IReadOnlyList<ParcelOnItsWay> moved, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var noted = await tracking.NoteAllAsync(Events(moved), cancellationToken);
                Moved(noted.Count, moved.Count(parcel => parcel.Step == OrderStep.Delivered));
                return;
            }
            catch (CallException e) when (e.Status.IsTransient || e.Code == CallStatusCode.DeadlineExceeded)
            {
                NotTold(e.Status);
                await Task.Delay(Day, clock, cancellationToken);
            }
        }
    }

    private async IAsyncEnumerable<OrderEvent> Events(IReadOnlyList<ParcelOnItsWay> moved)
    {
        var now = clock.GetUtcNow();
        foreach (var (orderId, parcel, step) in moved)
        {
            yield return new OrderEvent(orderId, step, now, step == OrderStep.OnItsWay ? $"{parcel.Number} with {parcel.Carrier}" : parcel.Number);
        }

        await Task.CompletedTask;
    }

    [LoggerMessage(1, LogLevel.Information, "{Parcels} parcels moved, {Delivered} delivered")]
    private partial void Moved(int parcels, int delivered);

    [LoggerMessage(2, LogLevel.Warning, "Tracking cannot be told: {Status}")]
    private partial void NotTold(CallStatus status);
}
