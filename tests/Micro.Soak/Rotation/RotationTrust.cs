using System.Diagnostics.Metrics;
using Micro.Hosting;
using Micro.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Micro.Soak.Rotation;

/// <summary>What a process of the soak says of its trust, as text between processes.</summary>
/// <param name="Leaves">Leaves and bundles that hosts of the process took into use.</param>
/// <param name="Failures">Bundles that hosts of the process could not use, as the metric counts them.</param>
/// <param name="Errors">The same, of this host, as it was logged.</param>
/// <param name="Sequence">Number of the bundle in use.</param>
/// <param name="Issuer">Who signed its leaf.</param>
internal sealed record RotationState(long Leaves, long Failures, long Errors, long Sequence, string Issuer);

/// <summary>Counts renewals and failures in this process, by metric and by log. To be made before what it counts. Thread-safe.</summary>
internal sealed class RotationTrust : ILoggerProvider, ILogger
{
    private const int BundleRejected = 1600;

    private readonly MeterListener _listener = new();
    private long _renewals;
    private long _failures;
    private long _errors;

    public RotationTrust()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name.StartsWith("micro.security.credential.", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, by, tags, _) =>
        {
            if (instrument.Name.EndsWith("renewals", StringComparison.Ordinal))
            {
                Interlocked.Add(ref _renewals, by);
                return;
            }

            foreach (var tag in tags)
            {
                if (tag is { Key: "micro.security.material", Value: "bundle" })
                {
                    Interlocked.Add(ref _failures, by);
                }
            }
        });
        _listener.Start();
    }

    /// <summary>What every host of this soak has: leaves of two seconds, connections that follow, and a new root that signs two seconds after it was made.</summary>
    public IMicroBuilder AddTo(IHostApplicationBuilder builder, string name, string home)
    {
        builder.Configuration["Micro:Security:LeafLifetime"] = "00:00:02";
        builder.Configuration["Micro:Security:ClockSkew"] = "00:00:01";
        builder.Configuration["Micro:Security:Local:RootPropagation"] = "00:00:02";
        var micro = builder.AddSoak(name, home, insecure: false);
        builder.Logging.AddProvider(this);
        return micro;
    }

    public async Task<RotationState> StateAsync(IServiceProvider services, string name)
    {
        var credential = await services.GetRequiredService<ICredentialSource>().GetAsync(ServiceIdentity.Create("micro.local", "default", name), CancellationToken.None);
        return new RotationState(
            Interlocked.Read(ref _renewals), Interlocked.Read(ref _failures), Interlocked.Read(ref _errors), credential.Bundle.Sequence, credential.Leaf.Issuer);
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= LogLevel.Error && eventId.Id == BundleRejected)
        {
            Interlocked.Increment(ref _errors);
        }
    }

    public void Dispose() => _listener.Dispose();
}
