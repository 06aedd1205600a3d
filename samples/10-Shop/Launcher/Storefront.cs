using System.Diagnostics;
using System.Runtime.CompilerServices;
using Shop.Contracts;

namespace Shop.Launcher;

/// <summary>The customers: fills carts and places orders at a given rate.</summary>
internal sealed class Storefront(ICart cart, IOrders orders, OrderFollower follower, Tally tally, Screen screen)
{
    private const int ResendEvery = 10;
    private const int FollowEvery = 25;
    private const int MaxRehearsals = 200;

    private static readonly TimeSpan RehearsalTime = TimeSpan.FromSeconds(2);

    /// <summary>Places the orders, so many a second, at most so many at once. When asked to stop it finishes those it has begun.</summary>
    /// <param name="lines">The orders.</param>
    /// <param name="rate">Orders a second; 0: as fast as they go.</param>
    /// <param name="concurrency">Most orders being placed at once.</param>
    /// <param name="before">Called before each order with its number, from 0.</param>
    /// <param name="stopping">No more orders.</param>
    public async Task PlaceAsync(
        IAsyncEnumerable<OrderFileLine> lines, int rate, int concurrency, Func<int, Task>? before, CancellationToken stopping)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = CancellationToken.None };
        var numbered = PacedAsync(lines, rate, before, stopping);
        await Parallel.ForEachAsync(numbered, options, async (one, _) => await PlaceAsync(one.Number, one.Line));
    }

    /// <summary>
    /// Before the shop opens its staff order something, one after the other, for a short time and until each instance of pricing had its turn: what was never run
    /// runs slowly.
    /// </summary>
    /// <exception cref="CallException">An order failed.</exception>
    public async Task RehearseAsync(IReadOnlyList<OrderFileLine> lines, int instances, CancellationToken stopping)
    {
        var begun = Stopwatch.GetTimestamp();
        var pricedBy = new HashSet<string>();
        for (var number = 1; !stopping.IsCancellationRequested; number++)
        {
            var line = lines[number % lines.Count] with { Id = $"{ChargeAudit.Rehearsal}{number:D4}" };
            await cart.FillAsync(line.Cart.ToAsyncEnumerable(), CancellationToken.None);
            pricedBy.Add((await orders.PlaceOrderAsync(line.Order, CancellationToken.None)).PricedBy);
            if (Stopwatch.GetElapsedTime(begun) > RehearsalTime && (pricedBy.Count >= instances || number >= MaxRehearsals))
            {
                break;
            }
        }
    }

    private static async IAsyncEnumerable<(int Number, OrderFileLine Line)> PacedAsync(
        IAsyncEnumerable<OrderFileLine> lines, int rate, Func<int, Task>? before, [EnumeratorCancellation] CancellationToken stopping)
    {
        var started = Stopwatch.GetTimestamp();
        var number = 0;
        await foreach (var line in lines.WithCancellation(CancellationToken.None))
        {
            var due = rate == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)number / rate) - Stopwatch.GetElapsedTime(started);
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (stopping.IsCancellationRequested)
            {
                yield break;
            }

            if (before is not null)
            {
                await before(number);
            }

            yield return (number++, line);
        }
    }

    private async Task PlaceAsync(int number, OrderFileLine line)
    {
        try
        {
            await cart.FillAsync(line.Cart.ToAsyncEnumerable());
            if (number % FollowEvery == 0)
            {
                follower.Follow(line.Id);
            }

            // Some customers are impatient: they press the button twice. That is one order all the same.
            var receipts = number % ResendEvery == 0
                ? await Task.WhenAll(PlaceAsync(line.Order), PlaceAsync(line.Order))
                : [await PlaceAsync(line.Order)];
            if (receipts.Length > 1)
            {
                tally.WasResent();
            }

            if (receipts.Any(receipt => receipt != receipts[0]))
            {
                screen.Complain($"{line.Id} was placed twice: {string.Join(" and ", receipts.AsEnumerable())}");
                tally.HasFailed();
                return;
            }

            tally.Succeeded(receipts[0]);
        }
        catch (CallException e)
        {
            screen.Complain($"{line.Id} failed: {e.Message}");
            tally.HasFailed();
        }
    }

    private async Task<Receipt> PlaceAsync(PlaceOrder order)
    {
        var started = Stopwatch.GetTimestamp();
        var receipt = await orders.PlaceOrderAsync(order);
        tally.Took(Stopwatch.GetElapsedTime(started));
        return receipt;
    }
}
