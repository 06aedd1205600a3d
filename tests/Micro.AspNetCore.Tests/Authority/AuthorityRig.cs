using System.Collections.Concurrent;
using System.Diagnostics;
using Micro.AspNetCore.Authority;
using Micro.AspNetCore.Hosting;
using Micro.AspNetCore.Tests.Hosting;
using Micro.Hosting;
using Micro.Security;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.AspNetCore.Tests.Authority;

/// <summary>An authority that is served, and machines that join it; each with a home of its own.</summary>
internal sealed class AuthorityRig : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _root = Directory.CreateTempSubdirectory("micro-machines-").FullName;
    private readonly ConcurrentBag<Machine> _machines = [];
    private readonly int _meshPort = ListenTests.FreePort();
    private readonly int _joinPort = ListenTests.FreePort();
    private readonly TimeSpan _leafLifetime;

    private AuthorityRig(TimeSpan leafLifetime) => _leafLifetime = leafLifetime;

    public static ServiceIdentity Cart { get; } = ServiceIdentity.Parse("spiffe://micro.local/default/cart");

    public static ServiceIdentity Shop { get; } = ServiceIdentity.Parse("spiffe://micro.local/default/shop");

    public Machine Server { get; private set; } = null!;

    public LocalAuthority Authority => Server.Services.GetRequiredService<LocalAuthority>();

    public Uri MeshAddress => new($"grpc://127.0.0.1:{_meshPort}");

    public Uri JoinAddress => new($"http://127.0.0.1:{_joinPort}");

    public static async Task<AuthorityRig> StartAsync(TimeSpan? leafLifetime = null, params KeyValuePair<string, string?>[] settings)
    {
        var rig = new AuthorityRig(leafLifetime ?? TimeSpan.FromHours(1));
        await rig.ServeAsync(settings);
        return rig;
    }

    /// <summary>Starts the authority; again after <see cref="StopServingAsync"/>, on the same ports and files.</summary>
    public async Task ServeAsync(params KeyValuePair<string, string?>[] settings) => Server = await Machine.StartAsync(
        AuthorityRequests.Service,
        Home("a"),
        [
            new("Micro:Listen", MeshAddress.ToString()),
            new("Micro:Authority:JoinListen", JoinAddress.ToString()),
            new("Micro:Security:Local:RootPropagation", "00:00:02"),
            new("Micro:Security:LeafLifetime", _leafLifetime.ToString()),
            .. settings,
        ],
        micro => micro.AddAuthority(),
        serves: true);

    public ValueTask StopServingAsync() => Server.DisposeAsync();

    public string Home(string name) => Path.Combine(_root, name);

    public string Token(ServiceIdentity identity, TimeSpan? lifetime = null) => PinnedJoinToken.Write(
        new JoinTokens(Authority.Directory, TimeProvider.System).Create(identity, lifetime ?? TimeSpan.FromMinutes(10)), Authority.State, TimeProvider.System.GetUtcNow());

    public async Task<Machine> CartAsync(string? token, string home = "b", int port = 0)
    {
        var machine = await Machine.StartAsync(
            "cart", Home(home), [new("Micro:Listen", $"grpc://127.0.0.1:{port}"), .. Joining(token)], micro => micro.AddServer().AddService<ICart, Cart>(), serves: true);
        _machines.Add(machine);
        return machine;
    }

    public async Task<Machine> ShopAsync(string? token, string home = "c", int port = 1, params KeyValuePair<string, string?>[] settings)
    {
        var machine = await Machine.StartAsync(
            "shop",
            Home(home),
            [new("Micro:Services:cart", $"http://127.0.0.1:{port}"), new("Micro:Client:MaxAttempts", "1"), .. Joining(token), .. settings],
            micro => micro.AddClient<ICart>(),
            serves: false);
        _machines.Add(machine);
        return machine;
    }

    public static async Task UntilAsync(Func<Task<bool>> holds)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Assert.True(Stopwatch.GetElapsedTime(begun) < Patience, "It did not come to hold.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var machine in _machines)
        {
            await machine.DisposeAsync();
        }

        await Server.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    private KeyValuePair<string, string?>[] Joining(string? token) =>
    [
        new("Micro:Security:Provider", "authority"),
        new("Micro:Security:Authority:Address", MeshAddress.ToString()),
        new("Micro:Security:Authority:JoinAddress", JoinAddress.ToString()),
        new("Micro:Security:Authority:JoinToken", token),
        new("Micro:Security:LeafLifetime", _leafLifetime.ToString()),
    ];
}
