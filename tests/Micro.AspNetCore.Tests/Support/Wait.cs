namespace Micro.AspNetCore.Tests.Support;

internal static class Wait
{
    /// <summary>Waits for something that happens by itself on another thread; fails after 10 s.</summary>
    public static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    /// <summary>As above, for something that has to be asked.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        while (!await condition())
        {
            Assert.False(limit.IsCancellationRequested, $"Not in time: {what}.");
            await Task.Delay(2, CancellationToken.None);
        }
    }
}
