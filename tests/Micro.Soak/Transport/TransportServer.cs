using System.Runtime;
using System.Text.Json;
using Micro.AspNetCore.Hosting;
using Micro.Discovery;
using Micro.Grpc;
using Micro.Hosting;
using Micro.Sqlite;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.Soak.Transport;

/// <summary>
/// A process that serves on grpc and http, over TCP and Unix sockets. Says <c>ready ADDRESSES</c>; the line <c>state</c> on its input is answered with what is
/// open, <c>settle</c> with the same after a garbage collection.
/// </summary>
internal static class TransportServer
{
    private static readonly string[] Gauges = ["http.server.active_requests", "kestrel.active_connections", "kestrel.upgraded_connections"];

    public static async Task<int> RunAsync(SoakArguments arguments)
    {
        var folder = arguments.Text("folder", "");
        using var gauges = new SoakGauges(Gauges);
        using var ledger = new HandlerLedger(Path.Combine(folder, "ledger"));
        await using var stalls = new StallClock(total => ledger.Stalled = total);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["Micro:Listen"] =
            $"grpc+insecure://127.0.0.1:0;http+insecure://127.0.0.1:0;grpc+unix+insecure://{folder}/g.sock;http+unix+insecure://{folder}/h.sock";
        builder.Configuration["Micro:Server:MaxMessageBytes"] = $"{TransportSoak.MessageLimit}";
        builder.AddSoak("soak", Path.Combine(folder, "home")).AddServer().AddGrpc().AddSqlite().AddService<ISoak>(new TransportHandler(ledger));
        await using var app = builder.Build();
        await app.StartAsync();
        var snapshot = await app.Services.GetRequiredService<IServiceResolver>().WatchAsync("soak", CancellationToken.None).FirstAsync(one => one.Instances.Length > 0);
        var addresses = snapshot.Instances[0].Addresses;
        SoakHost.Say($"ready {string.Join(' ', addresses)}");
        await SoakHost.ObeyAsync(command =>
        {
            if (command == "settle")
            {
                GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
                GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                GC.WaitForPendingFinalizers();
                GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            }

            return $"state {JsonSerializer.Serialize(new TransportState(ledger.Active, gauges[Gauges[0]], gauges[Gauges[1]], gauges[Gauges[2]], GC.GetTotalMemory(false)))}";
        });
        return 3;
    }
}

/// <summary>What is open in a server.</summary>
/// <param name="Handlers">Handlers running.</param>
/// <param name="Requests">HTTP requests, each stream of HTTP/2 one of them.</param>
/// <param name="Connections">Sockets.</param>
/// <param name="Upgraded">Those that are WebSockets.</param>
/// <param name="Heap">Bytes of objects.</param>
internal sealed record TransportState(long Handlers, long Requests, long Connections, long Upgraded, long Heap);
