using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;

namespace Shop.Attachment;

/// <summary>Counts the calls served, from the metric that Micro keeps of them, and writes the number to the standard output for the launcher.</summary>
internal sealed class CallReport(TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private long _served;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Micro" && instrument.Name == "rpc.server.call.duration")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => Interlocked.Increment(ref _served));
        listener.Start();
        using var timer = new PeriodicTimer(Interval, clock);
        var reported = 0L;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var served = Interlocked.Read(ref _served);
                if (served != reported)
                {
                    reported = served;
                    await Console.Out.WriteLineAsync($"{CallReportLine.Prefix}{served}");
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }
}
