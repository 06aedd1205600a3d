using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using global::Google.Protobuf;
using Micro.Grpc.Security;
using Micro.Internal;
using Micro.Security;
using Micro.Testing.Security;
using Micro.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Micro.Grpc.Tests.Security;

/// <summary>An agent, a source that follows it, a clock that stands still, and what the source logs and counts.</summary>
internal sealed class WorkloadRig : IAsyncDisposable
{
    private readonly List<WorkloadCredentialSource> _sources = [];
    private readonly ServiceProvider _services;
    private readonly MeterListener _listener = new();
    private int _failures;

    public WorkloadRig()
    {
        Agent = new WorkloadAgent(Time);
        Authority = new TestCertificateAuthority("micro.local", Time);
        Options.Endpoint = Agent.Endpoint;
        _services = new ServiceCollection().AddMetrics().AddLogging(logging => logging.AddProvider(Log)).BuildServiceProvider();
        var meters = _services.GetRequiredService<IMeterFactory>();
        Telemetry = new SecurityTelemetry(meters);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters) && instrument.Name == "micro.security.credential.failures")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _failures, (int)value));
        _listener.Start();
    }

    public static ServiceIdentity Cart { get; } = ServiceIdentity.Parse("spiffe://micro.local/default/cart");

    public static ServiceIdentity Mailer { get; } = ServiceIdentity.Parse("spiffe://micro.local/default/mailer");

    public FakeTimeProvider Time { get; } = new(CertificateDesign.Now);

    public WorkloadAgent Agent { get; }

    public TestCertificateAuthority Authority { get; }

    public MicroSecurityOptions Security { get; } = new();

    // The clock is turned fast below; nothing is to be late by that.
    public WorkloadApiOptions Options { get; } = new() { StartTimeout = TimeSpan.FromMinutes(10) };

    public LogRecorder Log { get; } = new();

    public SecurityTelemetry Telemetry { get; }

    public int Failures => Volatile.Read(ref _failures);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public WorkloadCredentialSource Open()
    {
        var source = new WorkloadCredentialSource(
            Options, Security, Time, new RandomSource(1), Telemetry, _services.GetRequiredService<ILogger<WorkloadCredentialSource>>());
        _sources.Add(source);
        return source;
    }

    public X509SVIDResponse Response(params string[] services) => new() { Svids = { services.Select(service => Svid(Authority.Issue(service))) } };

    public static X509SVID Svid(ServiceCredential credential) => new()
    {
        SpiffeId = credential.Identity.ToString(),
        X509Svid = Der([credential.Leaf, .. credential.Intermediates]),
        X509SvidKey = KeyOf(credential.Leaf),
        Bundle = Der(credential.Bundle.RootsOf(credential.Identity.TrustDomain)),
    };

    public static ByteString KeyOf(X509Certificate2 leaf) =>
        ByteString.CopyFrom(leaf.GetECDsaPrivateKey()?.ExportPkcs8PrivateKey() ?? leaf.GetRSAPrivateKey()!.ExportPkcs8PrivateKey());

    public static ByteString Der(params IEnumerable<X509Certificate2> certificates) => ByteString.CopyFrom([.. certificates.SelectMany(one => one.RawData)]);

    public static async Task<CredentialException> RefusedAsync(WorkloadCredentialSource source, ServiceIdentity identity) =>
        await Assert.ThrowsAsync<CredentialException>(() => source.GetAsync(identity, Token).AsTask());

    /// <summary>Turns the clock, a little at a time, until it has happened.</summary>
    public Task TurnUntilAsync(Func<bool> condition, string what, double seconds = 0.1) => Wait.UntilAsync(
        () =>
        {
            if (condition())
            {
                return true;
            }

            Time.Advance(TimeSpan.FromSeconds(seconds));
            return false;
        },
        what);

    public Task SupersededAsync(ServiceCredential credential) => Wait.UntilAsync(() => credential.Superseded.IsCancellationRequested, "the credential is superseded");

    public int Logged(string text) => Log.Entries.Count(entry => entry.Text.Contains(text, StringComparison.Ordinal));

    /// <summary>No key was said to anybody, in any spelling.</summary>
    public void SaysNoSecret(ByteString key, params IEnumerable<string> more)
    {
        var secret = key.Span[^48..].ToArray();
        foreach (var text in more.Concat(Log.Entries.Select(entry => $"{entry.Text} {entry.Exception}")))
        {
            Assert.DoesNotContain(Convert.ToBase64String(secret), text, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToHexString(secret)[..20], text, StringComparison.OrdinalIgnoreCase);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in _sources)
        {
            await source.DisposeAsync();
        }

        await Agent.DisposeAsync();
        _listener.Dispose();
        await _services.DisposeAsync();
    }
}
