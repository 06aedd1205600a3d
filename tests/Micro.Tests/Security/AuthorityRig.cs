using System.Diagnostics.Metrics;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Micro.Internal;
using Micro.Security;
using Micro.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Micro.Tests.Security;

/// <summary>A directory of its own, a clock that stands still, and what the code under test logs and counts.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
internal sealed class AuthorityRig : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly ServiceProvider _services;
    private readonly MeterListener _listener = new();
    private int _failures;
    private int _renewals;

    public AuthorityRig()
    {
        Root = System.IO.Directory.CreateTempSubdirectory("micro-authority-").FullName;
        Directory = Path.Combine(Root, "authority");
        _services = new ServiceCollection().AddMetrics().AddLogging(logging => logging.AddProvider(Log)).BuildServiceProvider();
        var meters = _services.GetRequiredService<IMeterFactory>();
        Telemetry = new SecurityTelemetry(meters);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Micro" && ReferenceEquals(instrument.Meter.Scope, meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
            Interlocked.Add(ref instrument.Name == "micro.security.credential.failures" ? ref _failures : ref _renewals, (int)value));
        _listener.Start();
    }

    public static ServiceIdentity Cart { get; } = ServiceIdentity.Parse("spiffe://micro.local/default/cart");

    public static ServiceIdentity Mailer { get; } = ServiceIdentity.Parse("spiffe://micro.local/default/mailer");

    public string Root { get; }

    public string Directory { get; }

    public string Bundle => Path.Combine(Directory, AuthorityDirectory.BundleName);

    public string KeyPath => System.IO.Directory.GetFiles(Directory, "root-*.key").Single();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));

    public MicroSecurityOptions Options { get; } = new();

    public LocalAuthorityOptions AuthorityOptions { get; } = new();

    public LogRecorder Log { get; } = new();

    public SecurityTelemetry Telemetry { get; }

    public int Failures => Volatile.Read(ref _failures);

    public int Renewals => Volatile.Read(ref _renewals);

    public int Errors => Log.Entries.Count(entry => entry.Level == LogLevel.Error);

    public ILogger<T> Logger<T>() => _services.GetRequiredService<ILogger<T>>();

    public LocalAuthority Open() => new(Directory, Options, AuthorityOptions, Time, Telemetry, Logger<LocalAuthority>());

    public LocalCredentialSource Source(LocalAuthority? authority = null, ulong seed = 1) =>
        Own(new LocalCredentialSource(authority ?? Open(), Options, Time, new RandomSource(seed), Telemetry, Logger<LocalCredentialSource>()));

    public T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Add(disposable);
        return disposable;
    }

    /// <summary>Nothing that holds a private key was said to anybody.</summary>
    public void SaysNoSecret(params IEnumerable<string?> texts)
    {
        foreach (var text in texts.Concat(Log.Entries.Select(entry => $"{entry.Text} {entry.Exception}")))
        {
            Assert.DoesNotContain("PRIVATE KEY", text);
            foreach (var key in System.IO.Directory.EnumerateFiles(Root, "*.key", SearchOption.AllDirectories).Where(path => FileStatus.Of(path).IsRegular))
            {
                foreach (var line in File.ReadAllText(key).Split('\n').Where(line => line.Length > 20))
                {
                    Assert.DoesNotContain(line[..20], text);
                }
            }
        }
    }

    /// <summary>Whether a chain from the leaf to one of the bundle's roots holds at the rig's time.</summary>
    public bool Chains(X509Certificate2 leaf, TrustBundle bundle)
    {
        using var chain = new X509Chain
        {
            ChainPolicy =
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
                VerificationTime = Time.GetUtcNow().UtcDateTime,
                VerificationTimeIgnored = false,
            },
        };
        chain.ChainPolicy.CustomTrustStore.AddRange(bundle.RootsOf("micro.local").ToArray());
        return chain.Build(leaf);
    }

    public void Dispose()
    {
        _owned.ForEach(one => one.Dispose());
        _listener.Dispose();
        _services.Dispose();
        System.IO.Directory.Delete(Root, recursive: true);
    }

    /// <summary>Runs it on so many threads that begin in the same instant.</summary>
    public static Task AtOnceAsync(int count, Action<int> run)
    {
        var barrier = new Barrier(count);
        return Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Factory.StartNew(
            () =>
            {
                barrier.SignalAndWait();
                run(i);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
    }

    /// <summary>Replaces a file of the authority as a correct writer would, whatever is in it.</summary>
    public void Overwrite(string path, byte[] content)
    {
        File.Delete(path);
        SecretFile.Write(path, content, replace: false);
    }

    /// <summary>The bundle with a change in its JSON and a checksum that holds.</summary>
    public void EditBundle(Func<string, string> edit, int version = 1)
    {
        var text = File.ReadAllText(Bundle);
        var body = Encoding.UTF8.GetBytes(edit(text[(text.IndexOf('\n') + 1)..]));
        Overwrite(Bundle, VersionedFile.Frame("micro-authority", version, body));
    }
}
