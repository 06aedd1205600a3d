using System.Collections.Immutable;
using Micro.Internal;
using Microsoft.Extensions.Logging;

namespace Micro.Security;

/// <summary>
/// The authority of one machine: signs with the key in its directory, and follows what any process of the machine changes there. A bundle that cannot be used,
/// or is older than the one before, changes nothing but the log. Roots go through three stages: trusted, signing, trusted until their last leaf has expired.
/// Thread-safe.
/// </summary>
internal sealed partial class LocalAuthority
{
    private static readonly TimeSpan TendInterval = TimeSpan.FromMinutes(1);

    /// <summary>Share of a root's life after which the next one is prepared.</summary>
    private const double RootRenewal = 0.6;

    private readonly Lock _gate = new();
    private readonly AuthorityDirectory _directory;
    private readonly MicroSecurityOptions _security;
    private readonly LocalAuthorityOptions _options;
    private readonly TimeProvider _time;
    private readonly SecurityTelemetry _telemetry;
    private readonly ILogger _logger;
    private volatile AuthorityState _state;
    private FileStatus _seen;
    private FileStatus _rejected;
    private string? _rejection;
    private DateTimeOffset _tendAt;

    /// <summary>Opens the authority, making it if it is not there. Processes that do so at once get the same one.</summary>
    /// <exception cref="CredentialException">It cannot be made or used; the message names the file and says what to do.</exception>
    public LocalAuthority(
        string directory,
        MicroSecurityOptions security,
        LocalAuthorityOptions options,
        TimeProvider time,
        SecurityTelemetry telemetry,
        ILogger<LocalAuthority> logger)
    {
        _directory = new AuthorityDirectory(directory, security.TrustDomain, time);
        (_security, _options, _time, _telemetry, _logger) = (security, options, time, telemetry, logger);
        var status = _directory.Status();
        _state = _directory.Open(() => NewRoot(_time.GetUtcNow()));

        // If it was written in between, the next look reads it again and finds nothing new.
        _seen = status;
        Look();
        LogOpened(security.TrustDomain, directory, _state.Sequence);
    }

    /// <summary>Where its files are.</summary>
    public string Directory => _directory.Path;

    /// <summary>The last good state.</summary>
    public AuthorityState State => _state;

    /// <summary>
    /// Takes over what was written since, and does what the time asks for: removes what is over, prepares the next root. To be called often: while nothing changes it
    /// costs one system call. Throws nothing.
    /// </summary>
    /// <returns>The last good state.</returns>
    public AuthorityState Look()
    {
        lock (_gate)
        {
            Follow();
            Tend();
            return _state;
        }
    }

    /// <summary>Makes a key and a leaf for an identity of the trust domain.</summary>
    /// <exception cref="CredentialException">It is of another trust domain or revoked, or the root is over.</exception>
    public IssuedLeaf Issue(ServiceIdentity identity) => Signer(identity).Issue(identity, _security.LeafLifetime);

    /// <summary>Makes a leaf for somebody else's key.</summary>
    /// <param name="entitled">Who asks, as proven by a join token or the leaf it has; what the request says does not count.</param>
    /// <param name="request">The key.</param>
    /// <param name="lifetime">Cut to 24 hours and the life of the root; null for the configured one.</param>
    /// <exception cref="CredentialException">It is of another trust domain or revoked, or the root is over.</exception>
    public System.Security.Cryptography.X509Certificates.X509Certificate2 Sign(ServiceIdentity entitled, SigningRequest request, TimeSpan? lifetime = null) =>
        Signer(entitled).Sign(entitled, request, lifetime ?? _security.LeafLifetime);

    /// <summary>
    /// Prepares a new root: trusted from now, signing after the propagation time. The one before stays trusted until every leaf of it has expired.
    /// </summary>
    /// <exception cref="CredentialException">A root is being prepared already, or the files cannot be written.</exception>
    public Task RollAsync(CancellationToken cancellationToken) => UpdateAsync(
        state => state.IsRolling(_time.GetUtcNow())
            ? throw new CredentialException($"A new root of '{state.TrustDomain}' is prepared already and signs from {state.Roots[^1].SignsFrom:u}.")
            : Roll(state),
        cancellationToken);

    /// <summary>
    /// Puts a new root in the place of all there are, at once, for when a key was stolen: every leaf there is becomes worthless, and calls fail until both sides have
    /// new ones, about a second.
    /// </summary>
    /// <exception cref="CredentialException">The files cannot be written.</exception>
    public Task ReplaceAsync(CancellationToken cancellationToken) => UpdateAsync(state => state.Replaced(NewRoot(_time.GetUtcNow())), cancellationToken);

    /// <summary>Withdraws an identity, whatever leaf it shows, until <see cref="RestoreAsync"/>. No leaf of it is issued any more.</summary>
    /// <exception cref="CredentialException">The files cannot be written.</exception>
    public Task RevokeAsync(ServiceIdentity identity, CancellationToken cancellationToken) => UpdateAsync(state => state.Revoking(identity), cancellationToken);

    /// <summary>Takes the withdrawal of an identity back.</summary>
    /// <exception cref="CredentialException">The files cannot be written.</exception>
    public Task RestoreAsync(ServiceIdentity identity, CancellationToken cancellationToken) => UpdateAsync(state => state.Restoring(identity), cancellationToken);

    /// <summary>Withdraws one leaf; its service gets another one.</summary>
    /// <param name="serial">Its serial number in hexadecimal, as tools show it.</param>
    /// <param name="cancellationToken">Gives up waiting for other writers.</param>
    /// <exception cref="CredentialException">That is no serial number, or the files cannot be written.</exception>
    public Task RevokeSerialAsync(string serial, CancellationToken cancellationToken) => serial.Length is > 0 and <= 40 && serial.All(char.IsAsciiHexDigit)
        ? UpdateAsync(state => state.Revoking(new RevokedSerial(serial.ToUpperInvariant(), _time.GetUtcNow() + LongestLeaf)), cancellationToken)
        : throw new CredentialException($"'{serial}' is no serial number: 1 to 40 hexadecimal digits.");

    /// <summary>No leaf issued now is taken for valid by anybody after that.</summary>
    private TimeSpan LongestLeaf => CertificateAuthority.MaxLeafLifetime + _security.ClockSkew;

    private CertificateAuthority Signer(ServiceIdentity identity)
    {
        var state = Look();
        return state.Revoked.Contains(identity)
            ? throw new CredentialException($"'{identity}' was revoked; nothing is signed for it until that is taken back.")
            : new CertificateAuthority(state.SignerAt(_time.GetUtcNow()).Certificate, state.TrustDomain, _security.ClockSkew, _time);
    }

    // Files are written to, and another process may hold the lock for a while: not on the caller's thread.
    private Task UpdateAsync(Func<AuthorityState, AuthorityState?> change, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            _directory.Update(change, waits: true, cancellationToken);
            Look();
        },
        cancellationToken);

    // A root that is over before the next one would sign is no reason to wait: nobody could mint meanwhile.
    private AuthorityState Roll(AuthorityState state)
    {
        var now = _time.GetUtcNow();
        var signsFrom = now + _options.RootPropagation;
        return state.Rolled(NewRoot(signsFrom.UtcDateTime < state.SignerAt(now).Certificate.NotAfter.ToUniversalTime() ? signsFrom : now), LongestLeaf);
    }

    private AuthorityRoot NewRoot(DateTimeOffset signsFrom) => new(
        CertificateAuthority.CreateRoot(_security.TrustDomain, _options.RootLifetime, _security.ClockSkew, _time.GetUtcNow()), signsFrom, TrustedUntil: null);

    private void Follow()
    {
        var status = _directory.Status();
        if (status == _seen)
        {
            return;
        }

        try
        {
            var next = _directory.Read(_state);
            Check(next, _state);
            if (next.Sequence > _state.Sequence)
            {
                _state = next;
                _telemetry.Renewed(CredentialProviders.Local, "bundle");
                LogFollowed(next.Sequence, next.Roots.Length, next.Revoked.Length, next.RevokedSerials.Length);
            }

            (_seen, _rejected, _rejection) = (status, default, null);
        }
        catch (CredentialException exception)
        {
            // Tried again at every look, told once.
            if (_rejection != exception.Message || _rejected != status)
            {
                (_rejected, _rejection) = (status, exception.Message);
                _telemetry.Failed(CredentialProviders.Local, "bundle");
                LogRejected(_state.Sequence, exception.Message);
            }
        }
    }

    private void Check(AuthorityState next, AuthorityState last)
    {
        if (next.Sequence < last.Sequence || (next.Sequence == last.Sequence && !next.IsSameAs(last)))
        {
            throw SecretFile.Refuse("file", _directory.BundlePath, $"is number {next.Sequence}, which is not newer than number {last.Sequence}, the one in use; if the authority was meant to begin anew, restart every process that uses it");
        }

        if (!next.ReplacesAll && !next.Roots.Any(root => last.Roots.Any(one => one.Fingerprint == root.Fingerprint)))
        {
            throw SecretFile.Refuse("file", _directory.BundlePath, "has none of the roots in use; use the tool to replace a root, or, if the authority was meant to begin anew, restart every process that uses it");
        }
    }

    private void Tend()
    {
        var now = _time.GetUtcNow();
        if (now < _tendAt)
        {
            return;
        }

        _tendAt = now + TendInterval;
        if (Tended(_state, now) is null)
        {
            return;
        }

        try
        {
            // Every process of the machine wants to: one does, and the others find nothing left to do.
            _directory.Update(state => Tended(state, now), waits: false, CancellationToken.None);
            Follow();
        }
        catch (Exception exception) when (exception is CredentialException or IOException or UnauthorizedAccessException)
        {
            LogNotTended(TendInterval.TotalMinutes, exception.Message);
        }
    }

    private AuthorityState? Tended(AuthorityState state, DateTimeOffset now)
    {
        var newest = state.Roots[^1].Certificate;
        var life = newest.NotAfter - newest.NotBefore;
        return newest.NotBefore.ToUniversalTime() + (life * RootRenewal) < now.UtcDateTime ? Roll(state) : state.Pruned(now);
    }
}
