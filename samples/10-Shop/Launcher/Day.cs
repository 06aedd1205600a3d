using System.Diagnostics;
using System.Runtime.CompilerServices;
using Micro.Discovery;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shop.Contracts;

namespace Shop.Launcher;

/// <summary>A day of the shop: it opens, the orders of the file come in, it goes on quietly until it is told to stop, it closes.</summary>
internal sealed class Day(LauncherOptions options, ShopPlace place, Screen screen)
{
    private const int QuietRate = 2;

    private static readonly TimeSpan OpeningTime = TimeSpan.FromSeconds(60);

    /// <returns>Whether all went well.</returns>
    public async Task<bool> RunAsync(CancellationToken stopping)
    {
        var orders = await OrderFile.ReadAsync(options.Orders ?? OrderFile.Default);
        using var floor = new ShopFloor(place, screen, options.AllLogs);
        screen.Say($"Opening: {ServiceProgram.All.Sum(program => program.Instances)} processes, each with a certificate of its own from the authority of this shop; all calls are mutual TLS");
        floor.StartAll();
        Summary? summary = null;
        try
        {
            using var host = Customers.Build(place, screen);
            await host.StartAsync(CancellationToken.None);
            await OpenAsync(host.Services, floor, orders, stopping);
            summary = await SellAsync(host.Services, floor, orders, stopping);
            await host.StopAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is TimeoutException or CallException)
        {
            screen.Complain(e.Message);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested || floor.Crashed.IsCancellationRequested)
        {
            screen.Complain("The shop is closed before it was open.");
        }

        screen.Say("Closing");
        var closedWell = await floor.StopAllAsync();
        return summary is not null && await ReportAsync(summary, orders.Count) && closedWell && !floor.Crashed.IsCancellationRequested;
    }

    private async Task OpenAsync(IServiceProvider services, ShopFloor floor, IReadOnlyList<OrderFileLine> orders, CancellationToken stopping)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(stopping, floor.Crashed);
        var resolver = services.GetRequiredService<IServiceResolver>();
        foreach (var program in ServiceProgram.All)
        {
            await resolver.WaitForAsync(program.Service, found => found.Instances.Length >= program.Instances, OpeningTime, giveUp.Token);
        }

        var products = await services.GetRequiredService<ICatalogue>().ListAsync(new CategoryQuery(), giveUp.Token).CountAsync(giveUp.Token);
        screen.Say($"{products} products are on the shelf; the staff place a few orders to see that all works");
        await services.GetRequiredService<Storefront>().RehearseAsync(orders, ServiceProgram.All.Max(program => program.Instances), giveUp.Token);
        screen.Say("Open");
    }

    private async Task<Summary> SellAsync(IServiceProvider services, ShopFloor floor, IReadOnlyList<OrderFileLine> orders, CancellationToken stopping)
    {
        var tally = services.GetRequiredService<Tally>();
        var follower = services.GetRequiredService<OrderFollower>();
        var storefront = services.GetRequiredService<Storefront>();
        var resolver = services.GetRequiredService<IServiceResolver>();
        var incident = new Incident(floor, resolver, screen, orders.Count);
        var status = new StatusLine(floor, tally, screen, orders.Count);
        using var ended = new CancellationTokenSource();
        var showing = status.RunAsync(ended.Token);
        follower.Start();

        screen.Say($"{orders.Count} orders come in, {(options.Rate == 0 ? "as fast as they go" : $"{options.Rate} a second")}");
        var started = Stopwatch.GetTimestamp();
        await storefront.PlaceAsync(orders.ToAsyncEnumerable(), options.Rate, options.Concurrency, incident.BeforeAsync, stopping);
        if (!options.Once && !stopping.IsCancellationRequested)
        {
            ShowTable(await SummaryAsync());
            new TryThis(place, screen).Show();
            await storefront.PlaceAsync(MoreAsync(orders), QuietRate, options.Concurrency, null, stopping);
        }

        await follower.FinishAsync();
        var summary = await SummaryAsync();
        await ended.CancelAsync();
        await showing;
        return summary;

        async Task<Summary> SummaryAsync() => (await Summary.OfAsync(tally, follower, incident, place.Journal)) with
        {
            Calls = status.Calls,
            Seconds = Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 1),
        };
    }

    /// <summary>The orders of the file again, under new ids, for ever.</summary>
    private static async IAsyncEnumerable<OrderFileLine> MoreAsync(IReadOnlyList<OrderFileLine> orders, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var number = 1; ; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return orders[number % orders.Count] with { Id = $"B-{number:D4}" };
            await Task.Yield();
        }
    }

    /// <summary>Once all have stopped: the journal is complete only now.</summary>
    private async Task<bool> ReportAsync(Summary summary, int expected)
    {
        summary = summary with { Duplicates = (await ChargeAudit.ReadAsync(place.Journal)).Duplicates };
        ShowTable(summary);
        var faults = (options.Once ? summary.Faults(expected) : summary.Losses()).ToArray();
        foreach (var fault in faults)
        {
            screen.Complain(fault);
        }

        if (options.Once)
        {
            screen.Plain(summary.ToJson());
        }

        return faults.Length == 0;
    }

    private void ShowTable(Summary summary)
    {
        foreach (var line in summary.ToTable())
        {
            screen.Plain(line);
        }
    }
}
