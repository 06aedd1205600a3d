using System.Collections.Concurrent;
using Micro.Discovery;
using Micro.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Micro.Tests.Discovery;

public sealed class ServiceWatcherTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeResolver _resolver = new();
    private readonly List<ServiceWatcher> _watchers = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task R18_Ten_callers_at_once_make_one_watch()
    {
        var watcher = Watcher();
        var callers = Enumerable.Range(0, 10).Select(_ => watcher.FirstAsync(Token).AsTask()).ToArray();
        Assert.All(callers, caller => Assert.False(caller.IsCompleted));
        _resolver.Answer("c1");
        var answers = await Task.WhenAll(callers);
        Assert.All(answers, answer => Assert.Same(answers[0], answer));
        Assert.Equal(1, _resolver.Watches);
    }

    [Fact]
    public async Task R19_An_error_is_shared_by_all_who_wait()
    {
        var watcher = Watcher();
        var callers = Enumerable.Range(0, 10).Select(_ => watcher.FirstAsync(Token).AsTask()).ToArray();
        _resolver.Fail();
        var errors = await Task.WhenAll(callers.Select(caller => Assert.ThrowsAsync<RegistryUnavailableException>(() => caller)));
        Assert.All(errors, error => Assert.Same(errors[0], error));
        Assert.Equal(1, _resolver.Watches);
    }

    [Fact]
    public async Task R20_On_an_error_the_last_list_is_served_as_stale()
    {
        var watcher = Watcher();
        _resolver.Answer("c1", "c2");
        var fresh = await watcher.FirstAsync(Token);
        Assert.False(fresh.IsStale);
        _resolver.Fail();
        await UntilAsync(() => watcher.Current!.IsStale);
        Assert.Equal(fresh.Instances, (await watcher.FirstAsync(Token)).Instances);
    }

    [Fact]
    public async Task R21_Without_a_list_impatient_callers_get_the_error_at_once_and_do_not_ask_again()
    {
        _resolver.Fail();
        var watcher = Watcher();
        await Assert.ThrowsAsync<RegistryUnavailableException>(() => watcher.FirstAsync(Token).AsTask());
        for (var i = 0; i < 100; i++)
        {
            await Assert.ThrowsAsync<RegistryUnavailableException>(() => watcher.FirstAsync(Token).AsTask());
        }

        Assert.Equal(1, _resolver.Watches);
        await AdvanceUntilAsync(() => _resolver.Watches == 2, TimeSpan.FromMilliseconds(121));
    }

    [Fact]
    public async Task R21_The_pauses_between_tries_double_up_to_five_seconds_with_jitter()
    {
        var tries = new ConcurrentQueue<DateTimeOffset>();
        _resolver.Asked = () => tries.Enqueue(_time.GetUtcNow());
        _resolver.Fail();
        _ = Watcher();
        await AdvanceUntilAsync(() => tries.Count >= 12, TimeSpan.FromSeconds(60));
        var pauses = tries.Zip(tries.Skip(1), (one, next) => (next - one).TotalMilliseconds).ToList();
        double[] nominal = [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000, 5000, 5000];

        // The fake clock advances by 10 ms, and a try is seen one or a few steps late.
        Assert.All(pauses.Zip(nominal), pair => Assert.InRange(pair.First, pair.Second * 0.8, (pair.Second * 1.2) + 150));
        Assert.True(pauses[^4..].Distinct().Count() > 1, "There is no jitter.");
    }

    [Fact]
    public async Task R22_A_success_clears_the_error_and_the_pause()
    {
        _resolver.Fail();
        var watcher = Watcher();
        await AdvanceUntilAsync(() => _resolver.Watches >= 6, TimeSpan.FromSeconds(10));
        _resolver.Answer("c1");
        await AdvanceUntilAsync(() => watcher.Current is { IsStale: false, Instances.Length: 1 }, TimeSpan.FromSeconds(10));
        Assert.Single((await watcher.FirstAsync(Token)).Instances);
        var before = _resolver.Watches;
        _resolver.Fail();
        await AdvanceUntilAsync(() => _resolver.Watches == before + 1, TimeSpan.FromSeconds(2.2));
    }

    [Fact]
    public async Task R23_The_watch_updates_what_callers_get_and_tells_in_order()
    {
        var watcher = Watcher();
        var seen = new ConcurrentQueue<int>();
        watcher.Changed += snapshot => seen.Enqueue(snapshot.Instances.Length);
        _resolver.Answer();
        await UntilAsync(() => seen.Count == 1);
        _resolver.Answer("c1");
        await UntilAsync(() => seen.Count == 2);
        _resolver.Answer("c1", "c2");
        await UntilAsync(() => seen.Count == 3);
        Assert.Equal([0, 1, 2], seen);
        Assert.Equal(2, watcher.Current!.Instances.Length);
        Assert.Equal(1, _resolver.Watches);
    }

    [Fact]
    public async Task R24_A_missing_service_is_an_answer_costs_one_watch_and_is_found_when_it_comes()
    {
        var watcher = Watcher();
        _resolver.Answer();
        for (var i = 0; i < 100; i++)
        {
            Assert.Empty((await watcher.FirstAsync(Token)).Instances);
        }

        Assert.Equal(1, _resolver.Watches);
        _resolver.Answer("c1");
        await UntilAsync(() => watcher.Current!.Instances.Length == 1);
    }

    [Fact]
    public async Task REG_3_An_error_never_empties_the_list_and_an_empty_answer_does()
    {
        var watcher = Watcher();
        _resolver.Answer("c1");
        await watcher.FirstAsync(Token);
        _resolver.Fail();
        await UntilAsync(() => watcher.Current!.IsStale);
        await AdvanceUntilAsync(() => _resolver.Watches > 5, TimeSpan.FromSeconds(30));
        Assert.Single(watcher.Current!.Instances);
        _resolver.Answer();
        await AdvanceUntilAsync(() => watcher.Current is { IsStale: false, Instances.IsEmpty: true }, TimeSpan.FromSeconds(7));
    }

    [Fact]
    public async Task REG_3_A_watch_that_ends_or_throws_something_else_counts_as_an_error_that_names_the_source()
    {
        _resolver.Fail(new InvalidOperationException("a bug"));
        var watcher = Watcher();
        var error = await Assert.ThrowsAsync<RegistryUnavailableException>(() => watcher.FirstAsync(Token).AsTask());
        Assert.Equal("fake (test)", error.Registry);
        Assert.IsType<InvalidOperationException>(error.InnerException);
    }

    [Fact]
    public async Task REG_10_A_thousand_clients_do_not_return_in_one_second_after_a_restart()
    {
        _resolver.Answer("c1");
        var watchers = Enumerable.Range(1, 1000).Select(seed => Watcher((ulong)seed)).ToList();
        await UntilAsync(() => watchers.All(watcher => watcher.Current is not null));
        var began = _time.GetUtcNow();
        var arrivals = new ConcurrentQueue<TimeSpan>();
        _resolver.Asked = () => arrivals.Enqueue(_time.GetUtcNow() - began);
        _resolver.Fail();
        await UntilAsync(() => watchers.All(watcher => watcher.Current!.IsStale));
        _resolver.Answer("c1");
        await AdvanceUntilAsync(() => arrivals.Count == 1000, TimeSpan.FromSeconds(3));
        var busiest = arrivals.GroupBy(arrival => (int)(arrival.TotalMilliseconds / 500)).Max(group => group.Count());
        Assert.InRange(busiest, 1, 400);
        Assert.InRange(arrivals.Max() - arrivals.Min(), TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task A_callback_that_throws_does_not_end_the_watch()
    {
        var watcher = Watcher();
        watcher.Changed += _ => throw new InvalidOperationException("a bug");
        _resolver.Answer("c1");
        await UntilAsync(() => watcher.Current?.Instances.Length == 1);
        _resolver.Answer("c1", "c2");
        await UntilAsync(() => watcher.Current?.Instances.Length == 2);
        Assert.Equal(1, _resolver.Watches);
    }

    [Fact]
    public async Task Who_waits_when_it_is_disposed_is_told()
    {
        var watcher = Watcher();
        var waiting = watcher.FirstAsync(Token).AsTask();
        await watcher.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var watcher in _watchers)
        {
            await watcher.DisposeAsync();
        }
    }

    private ServiceWatcher Watcher(ulong seed = 1)
    {
        var watcher = new ServiceWatcher(_resolver, "cart", _time, new RandomSource(seed), NullLogger.Instance);
        _watchers.Add(watcher);
        return watcher;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var limit = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(limit) < TimeSpan.FromSeconds(30), "The condition does not come true.");
            await Task.Delay(1, Token);
        }
    }

    // Steps the fake clock, giving the thread pool time to follow after every step.
    private async Task AdvanceUntilAsync(Func<bool> condition, TimeSpan limit)
    {
        for (var left = limit; !condition(); left -= TimeSpan.FromMilliseconds(10))
        {
            Assert.True(left > TimeSpan.Zero, $"Not within {limit.TotalSeconds} s of fake time.");
            _time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Delay(2, Token);
        }
    }
}
