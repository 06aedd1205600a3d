using System.Collections.Concurrent;
using Micro.Internal;
using Microsoft.Extensions.Logging;

namespace Micro.Security;

/// <summary>
/// Credentials from an authority on another machine: joined once with a token, renewed as the service one is, and the trust bundle as soon as it changes, by a request
/// that the authority answers when it has something new. While the authority cannot be reached the last ones are kept, until they expire. Thread-safe.
/// </summary>
internal sealed partial class AuthorityCredentialSource : ICredentialSource, IDisposable, IAsyncDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>How long the authority holds a request for the bundle while nothing changes.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(20);

    /// <summary>Between two tries after a failure: a change is followed within a second of the authority's being back.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<ServiceIdentity, AuthorityIdentity> _entries = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly AuthorityAccess _access;
    private readonly MicroSecurityOptions _options;
    private readonly TimeProvider _time;
    private readonly RandomSource _random;
    private readonly SecurityTelemetry _telemetry;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private Task? _watch;
    private int _isLooking;

    public AuthorityCredentialSource(
        AuthorityAccess access,
        MicroSecurityOptions options,
        TimeProvider time,
        RandomSource random,
        SecurityTelemetry telemetry,
        ILogger<AuthorityCredentialSource> logger)
    {
        (_access, _options, _time, _random, _telemetry, _logger) = (access, options, time, random, telemetry, logger);
        _timer = time.CreateTimer(static source => ((AuthorityCredentialSource)source!).Tick(), this, Interval, Interval);
    }

    public ValueTask<ServiceCredential> GetAsync(ServiceIdentity identity, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return _entries.TryGetValue(identity, out var entry) && entry.Valid(_time.GetUtcNow()) is { } current
            ? new ValueTask<ServiceCredential>(current)
            : new ValueTask<ServiceCredential>(FirstAsync(entry ?? Admit(identity)).WaitAsync(cancellationToken));
    }

    public void Dispose()
    {
        _timer.Dispose();

        // Not disposed: what is under way looks at it. It has no timer.
        _stop.Cancel();
    }

    /// <summary>Waits for what is under way: nothing is written to the home afterwards.</summary>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        await Task.WhenAll([_watch ?? Task.CompletedTask, .. _entries.Values.Select(entry => entry.Renewal)]);
    }

    private AuthorityIdentity Admit(ServiceIdentity identity)
    {
        if (identity.TrustDomain != _options.TrustDomain || identity.Namespace != _options.Namespace || identity.Service is null)
        {
            throw new CredentialException(
                $"The authority is not asked for '{identity}': this process is of spiffe://{_options.TrustDomain}/{_options.Namespace}/. See Micro:Security:TrustDomain and Micro:Security:Namespace.");
        }

        return _entries.Count < LocalCredentialSource.MaxIdentities
            ? _entries.GetOrAdd(identity, static one => new AuthorityIdentity(one))
            : throw new CredentialException($"This process has {LocalCredentialSource.MaxIdentities} identities already, so there is none for '{identity}'.");
    }

    // Once for all who ask meanwhile, and a failure for all who ask right after it: the authority is not to be asked anew by every call.
    private Task<ServiceCredential> FirstAsync(AuthorityIdentity entry)
    {
        var held = entry.Held;
        lock (held.Gate)
        {
            if (entry.Valid(_time.GetUtcNow()) is { } current)
            {
                return Task.FromResult(current);
            }

            return held.Pending is { } pending && (!pending.IsCompleted || _time.GetUtcNow() < entry.TryAgainAt)
                ? pending
                : held.Pending = Task.Run(() => JoinAsync(entry));
        }
    }

    private async Task<ServiceCredential> JoinAsync(AuthorityIdentity entry)
    {
        try
        {
            var joined = await _access.FirstAsync(entry.Identity, Keep, _stop.Token);
            _telemetry.Renewed(CredentialProviders.Authority, "leaf");
            Publish(entry, joined, isRenewal: false);
            lock (_entries)
            {
                _watch ??= WatchAsync();
            }

            return entry.Held.Current!.Credential;
        }
        catch (CredentialException e)
        {
            entry.TryAgainAt = _time.GetUtcNow() + Pause;
            _telemetry.Failed(CredentialProviders.Authority, "leaf");
            throw entry.Held.Current is { } over
                ? new CredentialException($"The certificate of '{entry.Identity}' expired at {over.NotAfter:u} and could not be renewed: {entry.Failure} {e.Message}", e)
                : e;
        }
    }

    private JoinedCredential Publish(AuthorityIdentity entry, JoinedCredential joined, bool isRenewal)
    {
        var renewAt = RenewAt(joined);
        lock (entry.Held.Gate)
        {
            if (isRenewal && entry.Joined is { } before && before.Bundle.Sequence != joined.Bundle.Sequence)
            {
                // Between asking and now a bundle may have come as well: the newest counts, and it has to follow from the one in use.
                joined = joined.Bundle.Sequence < before.Bundle.Sequence ? joined.With(before.Bundle) : joined.After(before);
            }

            entry.Publish(joined, renewAt);
        }

        LogRenewed(joined.Identity, joined.Leaf.SerialNumber, joined.NotAfter, renewAt);
        return joined;
    }

    /// <summary>Between 50 and 70 % of its life, at random.</summary>
    private DateTimeOffset RenewAt(JoinedCredential joined) => joined.IssuedAt + ((joined.NotAfter - joined.IssuedAt) * (0.5 + (0.2 * _random.NextDouble())));

    private void Tick()
    {
        if (Interlocked.Exchange(ref _isLooking, 1) != 0)
        {
            return;
        }

        try
        {
            var now = _time.GetUtcNow();
            foreach (var entry in _entries.Values)
            {
                // Peers allow for the skew of clocks, and so does the authority: until then there is a chance.
                if (entry.Held.Current is { } current && now >= current.RenewAt && now < current.NotAfter + _options.ClockSkew && entry.Renewal.IsCompleted)
                {
                    entry.Renewal = Task.Run(() => RenewAsync(entry, current));
                }
            }
        }
        catch (Exception e)
        {
            LogFailed(e);
        }
        finally
        {
            Volatile.Write(ref _isLooking, 0);
        }
    }

    private async Task RenewAsync(AuthorityIdentity entry, HeldCredential.Held current)
    {
        try
        {
            var renewed = await _access.RenewAsync(current.Credential, _stop.Token);
            _telemetry.Renewed(CredentialProviders.Authority, "leaf");
            Keep(Publish(entry, renewed, isRenewal: true));
            entry.Failure = null;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The process ends.
        }
        catch (Exception e)
        {
            Postpone(entry, current, e);
        }
    }

    private void Postpone(AuthorityIdentity entry, HeldCredential.Held current, Exception failure)
    {
        var pause = _options.LeafLifetime / 50;
        pause = _random.Jitter(pause < LongestRetry ? pause : LongestRetry, 0.2);
        entry.Failure = failure is CredentialException ? failure.Message : $"{failure.GetType().Name}: {failure.Message}";
        _telemetry.Failed(CredentialProviders.Authority, "leaf");
        LogNotRenewed(entry.Identity, current.NotAfter, pause.TotalSeconds, entry.Failure);
        lock (entry.Held.Gate)
        {
            entry.Held.Postpone(_time.GetUtcNow() + pause);
        }
    }

    /// <summary>Follows the bundle for all identities of the process, until it ends.</summary>
    private async Task WatchAsync()
    {
        string? outage = null;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await FollowAsync();
                if (outage is not null)
                {
                    outage = null;
                    LogReached();
                }

                continue;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (CredentialException e)
            {
                if (outage is null)
                {
                    outage = e.Message;
                    _telemetry.Failed(CredentialProviders.Authority, "bundle");
                    LogCutOff(Oldest()?.Joined?.Bundle.Sequence ?? 0, e.Message);
                }
            }
            catch (Exception e)
            {
                LogFailed(e);
            }

            await Task.Delay(_random.Jitter(Pause, 0.5), _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync()
    {
        var entry = Oldest() ?? throw new CredentialException("No certificate is valid any more, so that nobody can ask for it.");
        var known = entry.Joined!.Bundle.Sequence;
        var asked = _time.GetTimestamp();
        var next = await _access.BundleAsync(entry.Held.Current!.Credential, known, Wait, _stop.Token);
        if (next.Sequence == known)
        {
            // One that answers at once although nothing is new is not to be asked at once again.
            if (_time.GetElapsedTime(asked) < Pause)
            {
                await Task.Delay(Pause, _time, _stop.Token);
            }

            return;
        }

        foreach (var one in _entries.Values)
        {
            Take(one, next);
        }

        _telemetry.Renewed(CredentialProviders.Authority, "bundle");
        LogFollowed(next.Sequence, next.Roots.Count, next.Revoked.Count, next.RevokedSerials.Count);
    }

    private void Take(AuthorityIdentity entry, AuthorityBundle next)
    {
        JoinedCredential changed;
        lock (entry.Held.Gate)
        {
            // One that was renewed meanwhile may have it already.
            if (entry.Held.Current is not { } current || entry.Joined!.Bundle.Sequence == next.Sequence)
            {
                return;
            }

            changed = entry.Joined.With(next);
            entry.Publish(changed, current.RenewAt);
        }

        Keep(changed);
    }

    /// <summary>Of the identities that can still ask, the one whose bundle is the oldest.</summary>
    private AuthorityIdentity? Oldest()
    {
        var now = _time.GetUtcNow();
        return _entries.Values.Where(entry => entry.Held.Current is { } current && current.NotAfter + _options.ClockSkew > now).MinBy(entry => entry.Joined!.Bundle.Sequence);
    }

    private void Keep(JoinedCredential joined)
    {
        try
        {
            _access.Keep(joined);
        }
        catch (CredentialException e)
        {
            LogNotKept(joined.Identity, e.Message);
        }
    }
}
