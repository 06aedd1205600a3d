using System.Collections.Frozen;
using Micro.Security;
using Xunit;

namespace Micro.Testing.Security;

/// <summary>
/// What every account store must do, seen from two processes over one backend. Derive a test class from it and provide <see cref="StartAsync"/>.
/// </summary>
public abstract class AccountStoreConformance
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>
    /// Makes an empty backend, and two stores over it as independent of each other as can be; the same one twice where a backend is a process of its own. The derived
    /// class disposes what they hold.
    /// </summary>
    protected abstract ValueTask<(IAccountStore One, IAccountStore Other)> StartAsync();

    /// <summary>A new store has no account: none comes with it.</summary>
    [Fact]
    public async Task A_new_store_is_empty()
    {
        var (store, _) = await StartAsync();
        Assert.Empty(await store.ListAsync(Token));
        Assert.Null(await store.FindAsync("admin", Token));
        Assert.False(await store.TryDeleteAsync("admin", Token));
    }

    /// <summary>What is written is found, whole, by every process.</summary>
    [Fact]
    public async Task Everything_of_an_account_comes_back()
    {
        var (one, other) = await StartAsync();
        var account = Full("ada");
        var written = await one.TryWriteAsync(account, Token);
        Assert.NotNull(written);
        Assert.True(written.Version > 0);
        foreach (var store in new[] { one, other })
        {
            var found = await store.FindAsync("ada", Token);
            Assert.NotNull(found);
            Same(written, found);
            Same(account with { Version = written.Version }, found);
            Same(written, Assert.Single(await store.ListAsync(Token)));
        }
    }

    /// <summary>An account without anything but its id is one too.</summary>
    [Fact]
    public async Task An_account_may_have_nothing_but_an_id()
    {
        var (one, other) = await StartAsync();
        await one.TryWriteAsync(new AccountRecord { Id = "bare" }, Token);
        var found = await other.FindAsync("bare", Token);
        Assert.NotNull(found);
        Assert.Null(found.Secret);
        Assert.Empty(found.Scopes);
        Assert.Empty(found.Metadata);
        Assert.Empty(found.Families);
    }

    /// <summary>Ids and scopes are compared exactly.</summary>
    [Fact]
    public async Task A36_Ids_and_scopes_are_compared_exactly()
    {
        var (one, other) = await StartAsync();
        await one.TryWriteAsync(Full("ada"), Token);
        Assert.Null(await other.FindAsync("Ada", Token));
        Assert.NotNull(await one.TryWriteAsync(Full("Ada"), Token));
        var found = await other.FindAsync("ada", Token);
        Assert.NotNull(found);
        Assert.DoesNotContain("READ", found.Scopes);
        Assert.Contains("read", found.Scopes);
    }

    /// <summary>The list is in ordinal order.</summary>
    [Fact]
    public async Task The_list_is_in_ordinal_order()
    {
        var (one, other) = await StartAsync();
        foreach (var id in new[] { "b", "a", "C", "a.1", "a-1" })
        {
            await one.TryWriteAsync(new AccountRecord { Id = id }, Token);
        }

        Assert.Equal(["C", "a", "a-1", "a.1", "b"], (await other.ListAsync(Token)).Select(account => account.Id));
    }

    /// <summary>An account is created once.</summary>
    [Fact]
    public async Task Creating_an_account_that_exists_changes_nothing()
    {
        var (one, other) = await StartAsync();
        var first = await one.TryWriteAsync(Full("ada"), Token);
        Assert.Null(await other.TryWriteAsync(Full("ada") with { Type = "service" }, Token));
        Same(first!, (await other.FindAsync("ada", Token))!);
    }

    /// <summary>A writer that read before another wrote is told so.</summary>
    [Fact]
    public async Task A_write_over_another_version_changes_nothing()
    {
        var (one, other) = await StartAsync();
        var first = (await one.TryWriteAsync(Full("ada"), Token))!;
        var second = (await other.TryWriteAsync(first with { Type = "service" }, Token))!;
        Assert.True(second.Version > first.Version);
        Assert.Null(await one.TryWriteAsync(first with { Type = "stale" }, Token));
        Assert.Null(await one.TryWriteAsync(first with { Id = "nobody" }, Token));
        Same(second, (await one.FindAsync("ada", Token))!);
        Assert.Null(await one.FindAsync("nobody", Token));
    }

    /// <summary>A deleted account is gone, and nobody who knew it can bring it back or write over its successor.</summary>
    [Fact]
    public async Task A29_A_deleted_account_stays_deleted()
    {
        var (one, other) = await StartAsync();
        var first = (await one.TryWriteAsync(Full("ada"), Token))!;
        Assert.True(await other.TryDeleteAsync("ada", Token));
        Assert.False(await one.TryDeleteAsync("ada", Token));
        Assert.Null(await one.FindAsync("ada", Token));
        Assert.Null(await one.TryWriteAsync(first, Token));
        var second = (await one.TryWriteAsync(Full("ada"), Token))!;
        Assert.True(second.Version > first.Version, "A version was given out twice.");
        Assert.Null(await other.TryWriteAsync(first with { Type = "stale" }, Token));
    }

    /// <summary>Of writers at the same time, each version has one winner and no change is lost.</summary>
    [Fact]
    public async Task Writers_at_the_same_time_lose_nothing()
    {
        var (one, other) = await StartAsync();
        await one.TryWriteAsync(new AccountRecord { Id = "shared" }, Token);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(
            async () =>
            {
                var store = writer % 2 == 0 ? one : other;
                for (var i = 0; i < 5; i++)
                {
                    await AddAsync(store, $"{writer}.{i}");
                }
            },
            Token)));
        Assert.Equal(40, (await one.FindAsync("shared", Token))!.Metadata.Count);
    }

    private static async Task AddAsync(IAccountStore store, string name)
    {
        while (true)
        {
            var current = (await store.FindAsync("shared", Token))!;
            var changed = new Dictionary<string, string>(current.Metadata) { [name] = "" };
            if (await store.TryWriteAsync(current with { Metadata = changed }, Token) is not null)
            {
                return;
            }
        }
    }

    private static AccountRecord Full(string id) => new()
    {
        Id = id,
        Type = "user",
        Scopes = new[] { "read", "write" }.ToFrozenSet(StringComparer.Ordinal),
        Metadata = new Dictionary<string, string> { ["name"] = "Ada \"L.\" ü", ["empty"] = "" }.ToFrozenDictionary(),
        Secret = new HashedSecret("pbkdf2-sha256", 1000, new byte[] { 1, 2, 0 }, new byte[] { 255, 0, 3 }),
        Families =
        [
            new RefreshFamily
            {
                Id = "f1",
                Hash = new byte[] { 9, 8 },
                Audience = "orders",
                Scopes = new[] { "read" }.ToFrozenSet(StringComparer.Ordinal),
                BoundTo = ServiceIdentity.Create("micro.local", "default", "shop"),
                ExpiresAt = DateTimeOffset.FromUnixTimeSeconds(2_000_000_000),
            },
            new RefreshFamily { Id = "f2", Hash = new byte[] { 7 }, Audience = "cart", ExpiresAt = DateTimeOffset.FromUnixTimeSeconds(2_000_000_001) },
        ],
        CreatedAt = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000),
    };

    private static void Same(AccountRecord expected, AccountRecord actual)
    {
        Assert.Equal((expected.Id, expected.Type, expected.CreatedAt, expected.Version), (actual.Id, actual.Type, actual.CreatedAt, actual.Version));
        Assert.Equal(expected.Scopes.Order(), actual.Scopes.Order());
        Assert.Equal(expected.Metadata.OrderBy(pair => pair.Key), actual.Metadata.OrderBy(pair => pair.Key));
        Assert.Equal(expected.Secret?.Algorithm, actual.Secret?.Algorithm);
        Assert.Equal(expected.Secret?.Rounds, actual.Secret?.Rounds);
        Assert.Equal(expected.Secret?.Salt.ToArray(), actual.Secret?.Salt.ToArray());
        Assert.Equal(expected.Secret?.Hash.ToArray(), actual.Secret?.Hash.ToArray());
        Assert.Equal(expected.Families.Select(Flat), actual.Families.Select(Flat));
    }

    private static (string, string, string, string, ServiceIdentity?, DateTimeOffset) Flat(RefreshFamily family) => (
        family.Id,
        Convert.ToHexString(family.Hash.Span),
        family.Audience,
        family.Scopes is { } scopes ? string.Join(' ', scopes.Order()) : "all",
        family.BoundTo,
        family.ExpiresAt);
}
