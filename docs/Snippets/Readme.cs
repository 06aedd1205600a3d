using System.Text.Json.Serialization;
using Micro.AspNetCore.Hosting;
using Micro.Grpc;
using Micro.Sqlite;

namespace Snippets.Readme;

public sealed record HelloRequest(string Name);

public sealed record HelloReply(string Text);

public sealed record TickRequest(int Count);

public sealed record Tick(int Number);

public sealed record Chunk(byte[] Bytes);

public sealed record Summary(long Bytes);

public sealed record Line(string Text);

[JsonSerializable(typeof(HelloRequest))]
[JsonSerializable(typeof(HelloReply))]
[JsonSerializable(typeof(TickRequest))]
[JsonSerializable(typeof(Tick))]
[JsonSerializable(typeof(Chunk))]
[JsonSerializable(typeof(Summary))]
[JsonSerializable(typeof(Line))]
public sealed partial class GreeterJson : JsonSerializerContext;

[MicroService("greeter", Json = typeof(GreeterJson))]
[Allow(Callers.TrustDomain)]
public interface IGreeter
{
    Task<HelloReply> HelloAsync(HelloRequest request, CancellationToken cancellationToken = default);
    IAsyncEnumerable<Tick> TicksAsync(TickRequest request, CancellationToken cancellationToken = default);           // server stream
    Task<Summary> UploadAsync(IAsyncEnumerable<Chunk> chunks, CancellationToken cancellationToken = default);        // client stream
    IAsyncEnumerable<Line> ChatAsync(IAsyncEnumerable<Line> lines, CancellationToken cancellationToken = default);   // duplex
}

public sealed class Greeter : IGreeter
{
    public Task<HelloReply> HelloAsync(HelloRequest request, CancellationToken cancellationToken) => Task.FromResult(new HelloReply($"Hello {request.Name}"));

    public IAsyncEnumerable<Tick> TicksAsync(TickRequest request, CancellationToken cancellationToken) =>
        AsyncEnumerable.Range(1, request.Count).Select(number => new Tick(number));

    public async Task<Summary> UploadAsync(IAsyncEnumerable<Chunk> chunks, CancellationToken cancellationToken) =>
        new(await chunks.Select(chunk => (long)chunk.Bytes.Length).SumAsync(cancellationToken));

    public IAsyncEnumerable<Line> ChatAsync(IAsyncEnumerable<Line> lines, CancellationToken cancellationToken) => lines;
}

public static class Programs
{
    public static async Task ServeAsync(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.AddMicro("greeter")
               .AddServer()                                  // gRPC and HTTP on Kestrel, on free ports
               .AddGrpc()                                    // calls over gRPC
               .AddSqlite()                                  // processes of one machine find each other
               .AddService<IGreeter, Greeter>();
        await builder.Build().RunAsync();
    }

    public static async Task CallAsync(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.AddMicro("caller").AddGrpc().AddSqlite().AddClient<IGreeter>();
        using var host = builder.Build();
        await host.StartAsync();
        var reply = await host.Services.GetRequiredService<IGreeter>().HelloAsync(new HelloRequest("Ada"));
        Console.WriteLine(reply.Text);
    }
}
