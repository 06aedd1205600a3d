using Micro.Internal;
using Microsoft.Extensions.Logging;

namespace Micro.Security;

/// <summary>
/// The credential of one identity, from files that somebody else renews. A timer looks at them four times a second, through links, so that a Kubernetes volume is
/// followed as well; what cannot be used changes nothing but the log and is tried again. Thread-safe.
/// </summary>
internal sealed partial class PemCredentialSource : ICredentialSource, IDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>Share of its life after which a leaf should have been renewed.</summary>
    private const double Late = 0.8;

    private readonly HeldCredential _held = new();
    private readonly PemCredentialOptions _options;
    private readonly MicroSecurityOptions _security;
    private readonly TimeProvider _time;
    private readonly SecurityTelemetry _telemetry;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private PemMaterial _material;
    private Files _seen;
    private bool _looksAgain;
    private string? _rejection;
    private string? _lateSerial;
    private long _sequence;
    private int _isLooking;

    /// <exception cref="CredentialException">The files cannot be used.</exception>
    public PemCredentialSource(
        PemCredentialOptions options,
        MicroSecurityOptions security,
        TimeProvider time,
        SecurityTelemetry telemetry,
        ILogger<PemCredentialSource> logger)
    {
        (_options, _security, _time, _telemetry, _logger) = (options, security, time, telemetry, logger);
        _seen = Files.Of(options);
        _looksAgain = true;
        _material = PemMaterial.Load(options, security, time);
        Publish(_material);
        _timer = time.CreateTimer(static source => ((PemCredentialSource)source!).Tick(), this, Interval, Interval);
    }

    public ValueTask<ServiceCredential> GetAsync(ServiceIdentity identity, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(identity);
        var current = _held.Current!;
        if (!identity.Equals(current.Credential.Identity))
        {
            throw new CredentialException($"The certificate in '{_options.Certificate}' is of '{current.Credential.Identity}', and '{identity}' is asked for. One process with files has one identity; name the service as the certificate does.");
        }

        return current.NotAfter > _time.GetUtcNow()
            ? new ValueTask<ServiceCredential>(current.Credential)
            : throw new CredentialException($"The certificate in '{_options.Certificate}' expired at {current.NotAfter:u} and was not renewed. {_rejection}");
    }

    public void Dispose() => _timer.Dispose();

    private void Publish(PemMaterial material)
    {
        var bundle = new TrustBundle([new(material.Identity.TrustDomain, material.Roots)], ++_sequence);
        _held.Publish(superseded => new ServiceCredential(material.Identity, material.Leaf, material.Intermediates, bundle, superseded), material.NotAfter, "");
        _telemetry.Renewed(CredentialProviders.Pem, "leaf");
        LogFollowed(material.Identity, material.Leaf.SerialNumber, material.NotAfter, material.Roots.Length);
    }

    private void Tick()
    {
        if (Interlocked.Exchange(ref _isLooking, 1) != 0)
        {
            return;
        }

        try
        {
            Look();
            WarnWhenLate();
        }
        catch (Exception exception)
        {
            LogTickFailed(exception);
        }
        finally
        {
            Volatile.Write(ref _isLooking, 0);
        }
    }

    private void Look()
    {
        var files = Files.Of(_options);

        // Once more after a change: a second write in the same tick of the file system's clock shows no other time.
        var isChanged = files != _seen;
        if (!isChanged && !_looksAgain && _rejection is null)
        {
            return;
        }

        (_seen, _looksAgain) = (files, isChanged);
        try
        {
            var material = PemMaterial.Load(_options, _security, _time);
            if (!material.Identity.Equals(_material.Identity))
            {
                throw SecretFile.Refuse("file", _options.Certificate!, $"is of '{material.Identity}' now, and this process is '{_material.Identity}'; restart it if that is meant");
            }

            _rejection = null;
            if (material.Digest != _material.Digest)
            {
                _material = material;
                Publish(material);
            }
        }
        catch (CredentialException exception)
        {
            Reject(exception.Message);
        }
    }

    // Tried again at every look, told once.
    private void Reject(string reason)
    {
        if (_rejection == reason)
        {
            return;
        }

        _rejection = reason;
        _telemetry.Failed(CredentialProviders.Pem, "leaf");
        LogRejected(_material.Identity, _material.NotAfter, reason);
    }

    private void WarnWhenLate()
    {
        var leaf = _material.Leaf;
        var begin = new DateTimeOffset(leaf.NotBefore.ToUniversalTime());
        if (_time.GetUtcNow() >= begin + ((_material.NotAfter - begin) * Late) && _lateSerial != leaf.SerialNumber)
        {
            _lateSerial = leaf.SerialNumber;
            LogExpiring(_material.Identity, _material.NotAfter, _options.Certificate!);
        }
    }

    private readonly record struct Files(FileStatus Certificate, FileStatus Key, FileStatus Bundle)
    {
        public static Files Of(PemCredentialOptions options) =>
            new(FileStatus.Of(options.Certificate!), FileStatus.Of(options.Key!), FileStatus.Of(options.Bundle!));
    }
}
