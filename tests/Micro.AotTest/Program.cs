using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Grpc.Core;
using Micro.AotTest.Protos;
using Micro.AspNetCore.Grpc;
using Micro.AspNetCore.Hosting;
using Micro.Grpc;
using Micro.Sqlite;

// A greeter and its client under Native AOT: `serve` until standard input closes, `call` makes one call of each kind and prints what came back.
if (args is ["serve"])
{
    var builder = WebApplication.CreateSlimBuilder();
    builder.Logging.ClearProviders();
    builder.AddMicro("greeter").AddServer().AddGrpc().AddSqlite().AddService<IGreeter, Greeter>().AddGrpcService<EchoService>();
    await using var app = builder.Build();
    await app.StartAsync();
    Console.WriteLine("ready");
    await Console.In.ReadToEndAsync();
    await app.StopAsync();
    return 0;
}

var client = Host.CreateApplicationBuilder();
client.Logging.ClearProviders();
client.AddMicro("caller").AddGrpc().AddSqlite().AddClient<IGreeter>().AddClient<IEchoes>();
using var host = client.Build();
await host.StartAsync();
var greeter = host.Services.GetRequiredService<IGreeter>();
Console.WriteLine((await greeter.HelloAsync(new HelloRequest("Ada"))).Text);
await foreach (var tick in greeter.TicksAsync(new HelloRequest("Bob")))
{
    Console.WriteLine(tick.Text);
}

Console.WriteLine((await greeter.UploadAsync(Names())).Text);
await foreach (var line in greeter.ChatAsync(Names()))
{
    Console.WriteLine(line.Text);
}

try
{
    await greeter.HelloAsync(new HelloRequest(""));
}
catch (CallException e)
{
    Console.WriteLine(e.Message);
}

var echoes = host.Services.GetRequiredService<IEchoes>();
Console.WriteLine((await echoes.EchoAsync(new Line { Text = "echo" })).Text);
await foreach (var line in echoes.RepeatAsync(new Line { Text = "repeat" }))
{
    Console.WriteLine(line.Text);
}

Console.WriteLine((await echoes.JoinAsync(Lines())).Text);
await foreach (var line in echoes.TalkAsync(Lines()))
{
    Console.WriteLine(line.Text);
}

await host.StopAsync();
return 0;

static async IAsyncEnumerable<Line> Lines()
{
    await foreach (var name in Names())
    {
        yield return new Line { Text = name.Name };
    }
}

static async IAsyncEnumerable<HelloRequest> Names()
{
    foreach (var name in new[] { "Cid", "Dot" })
    {
        await Task.Yield();
        yield return new HelloRequest(name);
    }
}

public sealed record HelloRequest(string Name);

public sealed record HelloReply(string Text);

[JsonSerializable(typeof(HelloRequest))]
[JsonSerializable(typeof(HelloReply))]
internal sealed partial class GreeterJson : JsonSerializerContext;

[MicroService("greeter", Json = typeof(GreeterJson))]
[Allow(Callers.TrustDomain)]
internal interface IGreeter
{
    Task<HelloReply> HelloAsync(HelloRequest request, CancellationToken cancellationToken = default);

    IAsyncEnumerable<HelloReply> TicksAsync(HelloRequest request, CancellationToken cancellationToken = default);

    Task<HelloReply> UploadAsync(IAsyncEnumerable<HelloRequest> requests, CancellationToken cancellationToken = default);

    IAsyncEnumerable<HelloReply> ChatAsync(IAsyncEnumerable<HelloRequest> requests, CancellationToken cancellationToken = default);
}

internal sealed class Greeter : IGreeter
{
    public Task<HelloReply> HelloAsync(HelloRequest request, CancellationToken cancellationToken) => request.Name.Length == 0
        ? throw new CallException(CallStatusCode.InvalidArgument, "Who is it?")
        : Task.FromResult(new HelloReply($"Hello {request.Name}"));

    public async IAsyncEnumerable<HelloReply> TicksAsync(HelloRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var i = 1; i <= 2; i++)
        {
            await Task.Yield();
            yield return new HelloReply($"{request.Name} {i}");
        }
    }

    public async Task<HelloReply> UploadAsync(IAsyncEnumerable<HelloRequest> requests, CancellationToken cancellationToken) =>
        new($"Hello {string.Join(" and ", await requests.Select(request => request.Name).ToListAsync(cancellationToken))}");

    public async IAsyncEnumerable<HelloReply> ChatAsync(IAsyncEnumerable<HelloRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var request in requests.WithCancellation(cancellationToken))
        {
            yield return new HelloReply($"Hi {request.Name}");
        }
    }
}

[MicroService("greeter", Contract = "micro.aot.Echoes")]
[Allow(Callers.TrustDomain)]
internal interface IEchoes
{
    Task<Line> EchoAsync(Line request, CancellationToken cancellationToken = default);

    IAsyncEnumerable<Line> RepeatAsync(Line request, CancellationToken cancellationToken = default);

    Task<Line> JoinAsync(IAsyncEnumerable<Line> requests, CancellationToken cancellationToken = default);

    IAsyncEnumerable<Line> TalkAsync(IAsyncEnumerable<Line> requests, CancellationToken cancellationToken = default);
}

[Allow(Callers.TrustDomain)]
internal sealed class EchoService : Echoes.EchoesBase
{
    public override Task<Line> Echo(Line request, ServerCallContext context) => Task.FromResult(request);

    public override async Task Repeat(Line request, IServerStreamWriter<Line> responseStream, ServerCallContext context)
    {
        await responseStream.WriteAsync(request);
        await responseStream.WriteAsync(request);
    }

    public override async Task<Line> Join(IAsyncStreamReader<Line> requestStream, ServerCallContext context) =>
        new() { Text = string.Join('+', await requestStream.ReadAllAsync().Select(line => line.Text).ToListAsync()) };

    public override async Task Talk(IAsyncStreamReader<Line> requestStream, IServerStreamWriter<Line> responseStream, ServerCallContext context)
    {
        await foreach (var line in requestStream.ReadAllAsync())
        {
            await responseStream.WriteAsync(line);
        }
    }
}
