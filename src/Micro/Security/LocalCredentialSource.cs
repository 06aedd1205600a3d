using System.Collections.Concurrent;
using Micro.Internal;
using Microsoft.Extensions.Logging;

namespace Micro.Security;

/// <summary>
/// Credentials from the local authority: a leaf for each identity that is asked for, with a key that never leaves memory. A timer looks four times a second for
/// changes of the bundle and for leaves that are due; it goes by the wall clock, as certificates do, so a machine that slept renews when it wakes. Thread-safe.
/// </summary>
internal sealed partial class LocalCredentialSource : ICredentialSource, IDisposable
{
    /// <summary>Most identities of one process.</summary>
    public const int MaxIdentities = 256;

    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<ServiceIdentity, HeldCredential> _held = new();
    private readonly Lock _admission = new();
    private readonly LocalAuthority _authority;
    private readonly MicroSecurityOptions _options;
    private readonly TimeProvider _time;
    private readonly RandomSource _random;
    private readonly SecurityTelemetry _telemetry;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private int _isLooking;

    public LocalCredentialSource(
        LocalAuthority authority,
        MicroSecurityOptions options,
        TimeProvider time,
        RandomSource random,
        SecurityTelemetry telemetry,
        ILogger<LocalCredentialSource> logger)
    {
        (_authority, _options, _time, _random, _telemetry, _logger) = (authority, options, time, random, telemetry, logger);
        _timer = time.CreateTimer(static source => ((LocalCredentialSource)source!).Tick(), this, Interval, Interval);
    }

    public ValueTask<ServiceCredential> GetAsync(ServiceIdentity identity, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return _held.TryGetValue(identity, out var held) && held.Current is { } current && current.NotAfter > _time.GetUtcNow()
            ? new ValueTask<ServiceCredential>(current.Credential)
            : new ValueTask<ServiceCredential>(FirstAsync(identity, held ?? Admit(identity)).WaitAsync(cancellationToken));
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>Between 50 and 70 % of what is left, at random; never later than that because the timer comes only so often.</summary>
    private DateTimeOffset RenewAt(DateTimeOffset issuedAt, DateTimeOffset notAfter)
    {
        var life = notAfter - issuedAt;
        var latest = Math.Max(0.5, 0.7 - (Interval / life));
        return issuedAt + (life * (0.5 + ((latest - 0.5) * _random.NextDouble())));
    }

    private HeldCredential Admit(ServiceIdentity identity)
    {
        if (identity.TrustDomain != _options.TrustDomain || identity.Namespace != _options.Namespace || identity.Service is null)
        {
            throw new CredentialException(
                $"The local authority does not make '{identity}': this process is of spiffe://{_options.TrustDomain}/{_options.Namespace}/. See Micro:Security:TrustDomain and Micro:Security:Namespace.");
        }

        lock (_admission)
        {
            if (_held.TryGetValue(identity, out var held))
            {
                return held;
            }

            return _held.Count < MaxIdentities
                ? _held[identity] = new HeldCredential()
                : throw new CredentialException($"This process has {MaxIdentities} identities already, so there is none for '{identity}'.");
        }
    }

    // Once for all who ask meanwhile; off the caller's thread, for there may be files to read.
    private Task<ServiceCredential> FirstAsync(ServiceIdentity identity, HeldCredential held)
    {
        lock (held.Gate)
        {
            if (held.Current is { } current && current.NotAfter > _time.GetUtcNow())
            {
                return Task.FromResult(current.Credential);
            }

            return held.Pending is { IsCompleted: false } pending ? pending : held.Pending = Task.Run(() => Mint(identity, held));
        }
    }

    private ServiceCredential Mint(ServiceIdentity identity, HeldCredential held)
    {
        var leaf = _authority.Issue(identity);
        var bundle = _authority.State.Bundle;
        var renewAt = RenewAt(leaf.IssuedAt, leaf.NotAfter);
        _telemetry.Renewed(CredentialProviders.Local, "leaf");
        LogRenewed(identity, leaf.Certificate.SerialNumber, leaf.NotAfter, renewAt);
        lock (held.Gate)
        {
            return held.Publish(superseded => new ServiceCredential(identity, leaf.Certificate, [], bundle, superseded), renewAt, leaf.Issuer);
        }
    }

    private void Tick()
    {
        if (Interlocked.Exchange(ref _isLooking, 1) != 0)
        {
            return;
        }

        try
        {
            var state = _authority.Look();
            var now = _time.GetUtcNow();
            foreach (var (identity, held) in _held)
            {
                if (held.Current is { } current)
                {
                    Tend(identity, held, current, state, now);
                }
            }
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

    private void Tend(ServiceIdentity identity, HeldCredential held, HeldCredential.Held current, AuthorityState state, DateTimeOffset now)
    {
        var renewAt = current.RenewAt;
        var isNewBundle = current.Credential.Bundle.Sequence != state.Sequence;
        if (now >= renewAt || (isNewBundle && IsWorthless(current, state)))
        {
            try
            {
                Mint(identity, held);
                return;
            }
            catch (CredentialException exception)
            {
                renewAt = Retry(identity, current, now, exception);
            }
        }

        // Also when there is no new leaf: it is the bundle that says whom to trust.
        if (isNewBundle || renewAt != current.RenewAt)
        {
            Keep(identity, held, current, state.Bundle, renewAt, isNewBundle);
        }
    }

    private static bool IsWorthless(HeldCredential.Held current, AuthorityState state) =>
        state.Roots.All(root => root.Fingerprint != current.Issuer)
        || state.RevokedSerials.Any(one => one.Serial.Equals(current.Credential.Leaf.SerialNumber, StringComparison.OrdinalIgnoreCase));

    private DateTimeOffset Retry(ServiceIdentity identity, HeldCredential.Held current, DateTimeOffset now, CredentialException exception)
    {
        var pause = _options.LeafLifetime / 50;
        pause = _random.Jitter(pause < LongestRetry ? pause : LongestRetry, 0.2);
        _telemetry.Failed(CredentialProviders.Local, "leaf");
        LogNotRenewed(identity, current.NotAfter, pause.TotalSeconds, exception.Message);
        return now + pause;
    }

    private static void Keep(ServiceIdentity identity, HeldCredential held, HeldCredential.Held current, TrustBundle bundle, DateTimeOffset renewAt, bool isNewBundle)
    {
        lock (held.Gate)
        {
            if (!ReferenceEquals(held.Current, current))
            {
                return; // somebody's call has just got a new one
            }

            if (isNewBundle)
            {
                held.Publish(superseded => new ServiceCredential(identity, current.Credential.Leaf, current.Credential.Intermediates, bundle, superseded), renewAt, current.Issuer);
            }
            else
            {
                held.Postpone(renewAt);
            }
        }
    }
}
