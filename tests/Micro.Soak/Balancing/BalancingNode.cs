using System.Runtime.CompilerServices;
using System.Text;
using Micro.AspNetCore.Hosting;
using Micro.Discovery;
using Micro.Grpc;
using Micro.Hosting;
using Micro.Sqlite;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Micro.Soak.Balancing;

/// <summary>A process that serves at one address, registered until SIGTERM. Says <c>ready ADDRESS</c> and keeps a journal of what it executed.</summary>
internal static class BalancingNode
{
    public static async Task<int> RunAsync(SoakArguments arguments)
    {
        using var journal = new FileStream(arguments.Text("journal", ""), FileMode.Append, FileAccess.Write, FileShare.Read, 0);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["Micro:Listen"] = arguments.Text("listen", "");
        builder.AddSoak("soak", arguments.Text("home", "")).AddServer().AddGrpc().AddSqlite()
            .AddService<ISoak>(new Handler(arguments.Text("name", ""), journal));
        await using var app = builder.Build();
        await app.StartAsync();
        var self = await app.Services.GetRequiredService<IServiceResolver>().WatchAsync("soak", CancellationToken.None)
            .Select(snapshot => snapshot.Instances.SelectMany(instance => instance.Addresses).FirstOrDefault(address => app.Urls.Any(url => new Uri(url).Authority == address.Authority)))
            .FirstAsync(address => address is not null);
        SoakHost.Say($"ready {self}");
        _ = Task.Run(() => SoakHost.ObeyAsync(command => command));
        await app.WaitForShutdownAsync();
        return 0;
    }

    /// <summary>A line for each execution, written before anything else happens: a killed process leaves what it began.</summary>
    private sealed class Handler(string name, FileStream journal) : ISoak
    {
        public Task<SoakReply> HoldAsync(SoakRequest request, CancellationToken cancellationToken = default) => ExecuteAsync('o', request, cancellationToken);

        public Task<SoakReply> RepeatAsync(SoakRequest request, CancellationToken cancellationToken = default) => ExecuteAsync('r', request, cancellationToken);

        public async IAsyncEnumerable<SoakReply> PourAsync(SoakRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            yield return await ExecuteAsync('o', request, cancellationToken);
        }

        public Task<SoakReply> GatherAsync(IAsyncEnumerable<SoakRequest> requests, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public IAsyncEnumerable<SoakReply> TalkAsync(IAsyncEnumerable<SoakRequest> requests, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        private async Task<SoakReply> ExecuteAsync(char kind, SoakRequest request, CancellationToken cancellationToken)
        {
            var attempts = CallContext.Current!.PreviousAttempts;
            var line = Encoding.ASCII.GetBytes($"{kind} {request.Id} {attempts}\n");
            lock (journal)
            {
                journal.Write(line);
            }

            if (request.Millis > 0)
            {
                await Task.Delay(request.Millis, cancellationToken);
            }

            return new SoakReply(request.Id, attempts, name);
        }
    }
}
