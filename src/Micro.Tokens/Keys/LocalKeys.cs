using Micro.Security;
using Micro.Tokens.Files;
using Microsoft.Extensions.Logging;

namespace Micro.Tokens.Keys;

/// <summary>
/// The issuer's own keys: the file <c>authority/token-keys.json</c> of a home, for the processes of one user. What another process changes is seen within a second,
/// and at once by a token whose key is not known yet. A file that cannot be read any more leaves the keys as they are.
/// </summary>
internal sealed partial class LocalKeys : KeySource
{
    public const string FileName = "token-keys.json";

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly AuthorityFolder _folder;
    private readonly OwnerOnlyFile _file;
    private readonly FileLock _lock;
    private readonly TokenOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Lock _loading = new();
    private volatile Loaded _loaded = new(default, [], KeySet.Empty);
    private FileStamp? _unreadable;
    private long _looked;

    public LocalKeys(string home, TokenOptions options, TimeProvider clock, ILogger logger)
    {
        _folder = new AuthorityFolder(home);
        _file = _folder.FileOf(FileName);
        _lock = _folder.LockOf("token-keys.lock");
        _options = options;
        _clock = clock;
        _logger = logger;
        _looked = clock.GetTimestamp() - clock.TimestampFrequency;
    }

    public override KeySet Current
    {
        get
        {
            var looked = Volatile.Read(ref _looked);
            if (_clock.GetElapsedTime(looked) >= LookInterval && Interlocked.CompareExchange(ref _looked, _clock.GetTimestamp(), looked) == looked)
            {
                return Look(again: true);
            }

            return _loaded.Verification;
        }
    }

    /// <remarks>A file that could not be read is not opened for it: nobody can make that happen with tokens of unknown keys.</remarks>
    public override KeySet Newest => Look(again: false);

    /// <summary>All keys that verify, for the issuer's key set document.</summary>
    /// <exception cref="CredentialException">The file cannot be read.</exception>
    public IReadOnlyList<SigningKey> Published => [.. Look().Keys.Where(key => key.Verification.NotAfter > _clock.GetUtcNow())];

    /// <summary>The key to sign with now. Makes the first one, and a next one when the newest is old.</summary>
    /// <exception cref="CredentialException">The keys cannot be read or written.</exception>
    public async ValueTask<SigningKey> GetAsync(CancellationToken cancellationToken)
    {
        var keys = Look().Keys;
        if (keys.Count == 0 || keys[^1].SignsFrom + _options.KeyLifetime <= _clock.GetUtcNow())
        {
            await ChangeAsync(rows => rows.Length == 0 || Instant(rows[^1].SignsFrom) + _options.KeyLifetime <= _clock.GetUtcNow() ? Roll(rows) : rows, cancellationToken);
            keys = Look().Keys;
        }

        var now = _clock.GetUtcNow();
        return keys.LastOrDefault(key => key.SignsFrom <= now) ?? keys[0];
    }

    /// <summary>Makes a new key; the old ones either go on for the overlap or verify nothing from now on.</summary>
    /// <exception cref="CredentialException">The keys cannot be read or written.</exception>
    public ValueTask RollAsync(bool revokeOld, CancellationToken cancellationToken) =>
        ChangeAsync(rows => revokeOld ? [TokenKeyFile.Create(_clock.GetUtcNow())] : Roll(rows), cancellationToken);

    private TokenKeyRow[] Roll(TokenKeyRow[] rows)
    {
        var now = _clock.GetUtcNow();
        var signsFrom = rows.Length == 0 ? now : now + _options.KeyOverlap;
        var end = (signsFrom + _options.KeyOverlap).ToUnixTimeSeconds();
        return
        [
            .. rows.Where(row => row.VerifiesUntil is not { } until || Instant(until) > now).Select(row => row.VerifiesUntil is null ? row with { VerifiesUntil = end } : row),
            TokenKeyFile.Create(signsFrom),
        ];
    }

    private async ValueTask ChangeAsync(Func<TokenKeyRow[], TokenKeyRow[]> change, CancellationToken cancellationToken)
    {
        try
        {
            _folder.Open();
            using var held = await _lock.AcquireAsync(cancellationToken);
            var rows = _file.Read() is { } content ? TokenKeyFile.Parse(content) : [];
            foreach (var row in rows)
            {
                // What cannot be used is not carried on, nor thrown away.
                TokenKeyFile.Read(row);
            }

            var changed = change(rows);
            if (!ReferenceEquals(rows, changed))
            {
                _file.Replace(TokenKeyFile.Write(changed));
                KeyAdded(changed[^1].Kid);
            }

            lock (_loading)
            {
                _loaded = Load(_file.Stamp);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or Hosting.MicroHomeException)
        {
            throw Unusable(e);
        }
    }

    private KeySet Look(bool again)
    {
        var stamp = _file.Stamp;
        if (stamp == _loaded.Stamp)
        {
            return _loaded.Verification;
        }

        lock (_loading)
        {
            if (again || stamp != _unreadable)
            {
                try
                {
                    _loaded = Load(stamp);
                    _unreadable = null;
                }
                catch (CredentialException e)
                {
                    if (stamp != _unreadable)
                    {
                        KeysNotRead(e);
                    }

                    _unreadable = stamp;
                }
            }

            return _loaded.Verification;
        }
    }

    private Loaded Look()
    {
        var stamp = _file.Stamp;
        if (stamp == _loaded.Stamp)
        {
            return _loaded;
        }

        lock (_loading)
        {
            return stamp == _loaded.Stamp ? _loaded : _loaded = Load(stamp);
        }
    }

    private Loaded Load(FileStamp stamp)
    {
        try
        {
            SigningKey[] keys = _folder.Read(_file) is { } content ? [.. TokenKeyFile.Parse(content).Select(TokenKeyFile.Read).OrderBy(key => key.SignsFrom)] : [];
            return new Loaded(stamp, keys, new KeySet(keys.Select(key => key.Verification)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or ArgumentException or Hosting.MicroHomeException)
        {
            throw Unusable(e);
        }
    }

    private CredentialException Unusable(Exception cause) =>
        new($"The keys of tokens cannot be used ('{_file.Path}'): {cause.Message}. Put the file right, or move it away to begin with a new key, which ends all tokens.", cause);

    private static DateTimeOffset Instant(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);

    [LoggerMessage(1700, LogLevel.Error, "The keys of tokens cannot be read; those known before stay in use.")]
    private partial void KeysNotRead(Exception exception);

    [LoggerMessage(1701, LogLevel.Information, "The key {Kid} was added to those that sign tokens.")]
    private partial void KeyAdded(string kid);

    private sealed record Loaded(FileStamp Stamp, IReadOnlyList<SigningKey> Keys, KeySet Verification);
}
