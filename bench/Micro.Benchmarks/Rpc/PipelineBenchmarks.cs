using System.Buffers;
using BenchmarkDotNet.Attributes;
using Micro.Codecs;
using Micro.Discovery;
using Micro.Hosting;
using Micro.Internal;
using Micro.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Micro.Benchmarks.Rpc;

/// <summary>
/// What the pipelines add to a call: the same JSON echo straight over a connection that answers at once; through the client's pipeline (C1 to C7, with discovery,
/// balancing, retry, deadline and telemetry hooks) over that connection; and through both pipelines in process (C1 to C7, S1 to S6).
/// </summary>
[MemoryDiagnoser]
public class PipelineBenchmarks
{
    private readonly EchoRecord _message = new("the quick brown fox", 1234567890123);
    private readonly BlankTransport _blank = new();
    private IHost _client = null!;
    private IHost _both = null!;
    private IEcho _overBlank = null!;
    private IEcho _inProcess = null!;
    private IMessageCodec<EchoRecord> _codec = null!;
    private OutgoingCall _call;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _codec = new JsonCodec([EchoJson.Default]).For<EchoRecord>()!;
        _call = new OutgoingCall(new CallSpec("echo", "echo.Echo", "Say", CallKind.Unary), ContentTypes.Json, null, TimeSpan.FromSeconds(5));

        var builder = Builder();
        builder.Services.AddSingleton<IClientTransport>(_blank);
        builder.AddMicro("caller").AddClient<IEcho>();
        _client = builder.Build();
        await _client.StartAsync();
        await _client.Services.GetRequiredService<IServiceRegistry>().RegisterAsync(new ServiceInstance("echo", "one", [new Uri("blank://one:1")]), CancellationToken.None);
        _overBlank = _client.Services.GetRequiredService<IEcho>();

        builder = Builder();
        builder.AddMicro("echo").AddInProcess().AddService<IEcho>(new Echo()).AddClient<IEcho>();
        _both = builder.Build();
        await _both.StartAsync();
        _inProcess = _both.Services.GetRequiredService<IEcho>();
        await _overBlank.SayAsync(_message);
        await _inProcess.SayAsync(_message);
    }

    [GlobalCleanup]
    public async Task CleanupAsync()
    {
        foreach (var host in new[] { _client, _both })
        {
            await host.StopAsync();
            host.Dispose();
        }
    }

    [Benchmark(Baseline = true)]
    public async Task<EchoRecord> Connection()
    {
        using var payload = PooledBufferWriter.Rent();
        _codec.Encode(_message, payload);
        var reply = await _blank.CallAsync(_call, payload.WrittenMemory, CancellationToken.None);
        using var message = reply.Message!;
        return _codec.Decode(new ReadOnlySequence<byte>(message.Memory));
    }

    [Benchmark]
    public Task<EchoRecord> ClientPipeline() => _overBlank.SayAsync(_message);

    [Benchmark]
    public Task<EchoRecord> BothPipelinesInProcess() => _inProcess.SayAsync(_message);

    private static HostApplicationBuilder Builder()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Micro:Security:Insecure"] = "true";
        builder.Configuration["Micro:Discovery:Provider"] = "memory";
        return builder;
    }
}
