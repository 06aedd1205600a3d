using Micro.Tokens.Files;
using Microsoft.Extensions.Logging;

namespace Micro.Tokens.Keys;

/// <summary>Keys in a file of the configuration. The first reading has to succeed; later ones that fail leave the keys as they are. A change is seen within a second.</summary>
internal sealed partial class FileKeySource : KeySource
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Lock _loading = new();
    private volatile KeySet _keys;
    private FileStamp _stamp;
    private long _looked;

    /// <exception cref="FormatException">The file holds no usable key set.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public FileKeySource(string path, TimeProvider clock, ILogger logger)
    {
        _path = path;
        _clock = clock;
        _logger = logger;
        _stamp = Stamp();
        _keys = Load();
        _looked = clock.GetTimestamp();
    }

    public override KeySet Current
    {
        get
        {
            var looked = Volatile.Read(ref _looked);
            if (_clock.GetElapsedTime(looked) >= LookInterval && Interlocked.CompareExchange(ref _looked, _clock.GetTimestamp(), looked) == looked)
            {
                Look();
            }

            return _keys;
        }
    }

    private void Look()
    {
        lock (_loading)
        {
            var stamp = Stamp();
            if (stamp == _stamp)
            {
                return;
            }

            try
            {
                _keys = Load();
                _stamp = stamp;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
            {
                _stamp = stamp;
                KeySetNotRead(_path, e);
            }
        }
    }

    /// <summary>Of what the path leads to, as a mounted secret is a link that comes to lead elsewhere.</summary>
    private FileStamp Stamp()
    {
        try
        {
            using var file = File.OpenHandle(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return new FileStamp(File.GetLastWriteTimeUtc(file).Ticks, RandomAccess.GetLength(file), 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }

    private KeySet Load()
    {
        using var stream = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length > JsonWebKeys.MaxLength)
        {
            throw new FormatException($"The JSON Web Key Set has {stream.Length} bytes; at most {JsonWebKeys.MaxLength} are read.");
        }

        var json = new byte[stream.Length];
        stream.ReadExactly(json);
        return JsonWebKeys.Parse(json);
    }

    [LoggerMessage(1702, LogLevel.Error, "The JSON Web Key Set '{Path}' cannot be read; the keys known before stay in use.")]
    private partial void KeySetNotRead(string path, Exception exception);
}
