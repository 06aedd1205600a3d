using System.Diagnostics;
using Micro.Grpc;
using Micro.Hosting;
using Micro.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Micro.Soak.Rotation;

/// <summary>A service that calls over one transport, unary and in streams, and knows how its last calls ended. Thread-safe.</summary>
internal sealed class RotationCaller : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly ISoak _soak;
    private readonly RotationTrust _trust = new();
    private long _id;

    public RotationCaller(string name, string transport, string home)
    {
        (Name, Transport) = (name, transport);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration["Micro:Client:Timeout"] = "00:00:10";
        var micro = _trust.AddTo(builder, name, home).AddSqlite().AddClient<ISoak>();
        if (transport == "grpc")
        {
            micro.AddGrpc();
        }

        _host = builder.Build();
        _soak = _host.Services.GetRequiredService<ISoak>();
    }

    public string Name { get; }

    public string Transport { get; }

    public IServiceProvider Services => _host.Services;

    public Task StartAsync() => _host.StartAsync();

    public Task<RotationState> StateAsync() => _trust.StateAsync(_host.Services, Name);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _trust.Dispose();
    }

    /// <summary>One call; null when it succeeded, else how it failed.</summary>
    public async Task<string?> CallAsync(bool isIdempotent, int millis)
    {
        var request = new SoakRequest(Interlocked.Increment(ref _id), millis);
        try
        {
            var reply = await (isIdempotent ? _soak.RepeatAsync(request) : _soak.HoldAsync(request));
            return reply.Id == request.Id && reply.Filling == Name ? null : $"was answered as {reply.Id} of {reply.Filling}";
        }
        catch (Exception e)
        {
            return Describe(e);
        }
    }

    /// <summary>One stream of a message each 20 ms; null when it succeeded, else how it failed. Calls back with each answer.</summary>
    public async Task<string?> TalkAsync(TimeSpan duration, Action? answered = null)
    {
        try
        {
            await foreach (var reply in _soak.TalkAsync(RequestsAsync(duration)))
            {
                answered?.Invoke();
                if (reply.Filling != Name)
                {
                    return $"was answered as {reply.Filling}";
                }
            }

            return null;
        }
        catch (Exception e)
        {
            return Describe(e);
        }
    }

    private async IAsyncEnumerable<SoakRequest> RequestsAsync(TimeSpan duration)
    {
        var began = Stopwatch.GetTimestamp();
        do
        {
            yield return new SoakRequest(Interlocked.Increment(ref _id));
            await Task.Delay(20);
        }
        while (Stopwatch.GetElapsedTime(began) < duration);
    }

    private static string Describe(Exception e) => e is CallException call ? $"{call.Code}: {call.Message}" : $"{e.GetType().Name}: {e.Message}";
}
