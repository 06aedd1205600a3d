using System.Runtime.CompilerServices;
using System.Text.Json;
using Micro.AspNetCore.Hosting;
using Micro.Hosting;
using Micro.Sqlite;
using Microsoft.AspNetCore.Builder;

namespace Micro.Soak.Rotation;

/// <summary>A process that serves over TLS. Says <c>ready</c>; the line <c>state</c> on its input is answered with its trust.</summary>
internal static class RotationNode
{
    public static async Task<int> RunAsync(SoakArguments arguments)
    {
        using var trust = new RotationTrust();
        var builder = WebApplication.CreateSlimBuilder();
        trust.AddTo(builder, "soak", arguments.Text("home", "")).AddServer().AddSqlite().AddService<ISoak>(new Handler());
        await using var app = builder.Build();
        await app.StartAsync();
        SoakHost.Say("ready now");
        await SoakHost.ObeyAsync(_ => $"state {JsonSerializer.Serialize(trust.StateAsync(app.Services, "soak").GetAwaiter().GetResult())}");
        return 3;
    }

    private sealed class Handler : ISoak
    {
        public async Task<SoakReply> HoldAsync(SoakRequest request, CancellationToken cancellationToken = default)
        {
            if (request.Millis > 0)
            {
                await Task.Delay(request.Millis, cancellationToken);
            }

            return new SoakReply(request.Id, 0, CallContext.Current!.Caller.Identity?.Service ?? "nobody");
        }

        public Task<SoakReply> RepeatAsync(SoakRequest request, CancellationToken cancellationToken = default) => HoldAsync(request, cancellationToken);

        public IAsyncEnumerable<SoakReply> PourAsync(SoakRequest request, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<SoakReply> GatherAsync(IAsyncEnumerable<SoakRequest> requests, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public async IAsyncEnumerable<SoakReply> TalkAsync(IAsyncEnumerable<SoakRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            var who = CallContext.Current!.Caller.Identity?.Service ?? "nobody";
            await foreach (var request in requests.WithCancellation(cancellationToken))
            {
                yield return new SoakReply(request.Id, 0, who);
            }
        }
    }
}
