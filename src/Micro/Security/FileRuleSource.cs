using Micro.Internal;

namespace Micro.Security;

/// <summary>
/// The rules of <c>Micro:Security:RulesFile</c>. Looks at the file every half second, through links, because notifications of the file system miss the swap of a link and
/// do not come from every kind of mount.
/// </summary>
internal sealed class FileRuleSource : IRuleSource, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    // A file changed again within the granularity of its time stamps looks unchanged; until it is older than this it is read and compared.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);

    private readonly string _path;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private volatile CancellationTokenSource _changed = new();
    private volatile Sighting? _seen;
    private byte[]? _content;
    private int _looking;

    public FileRuleSource(string path, TimeProvider clock)
    {
        _path = Path.GetFullPath(path);
        _clock = clock;
        _timer = clock.CreateTimer(static state => ((FileRuleSource)state!).Look(), this, Interval, Interval);
    }

    public string Name => _path;

    public CancellationToken Changed => _changed.Token;

    public ValueTask<IReadOnlyList<CallRule>> ReadAsync(CancellationToken cancellationToken)
    {
        // Seen before it is read: what changes in between is seen again.
        _seen = See();
        Volatile.Write(ref _content, null);
        var bytes = RuleFile.ReadBytes(_path);
        Volatile.Write(ref _content, bytes);
        return new(RuleFile.Parse(_path, bytes));
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (Interlocked.Exchange(ref _looking, 1) != 0)
        {
            return;
        }

        try
        {
            var now = See();
            if (now != _seen || (now?.Written > _clock.GetUtcNow() - Settled && !IsSame()))
            {
                _seen = now;
                _ = Interlocked.Exchange(ref _changed, new()).CancelAsync();
            }
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    private bool IsSame()
    {
        try
        {
            return Volatile.Read(ref _content) is not { } content || RuleFile.ReadBytes(_path).AsSpan().SequenceEqual(content);
        }
        catch (RuleException)
        {
            return true;
        }
    }

    private Sighting? See()
    {
        try
        {
            using var file = File.OpenHandle(_path);
            return new Sighting(FileIdentity.Of(_path), File.GetLastWriteTimeUtc(file), RandomAccess.GetLength(file), OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed record Sighting(FileIdentity File, DateTimeOffset Written, long Length, UnixFileMode Mode);
}
