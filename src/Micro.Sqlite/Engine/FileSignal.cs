namespace Micro.Sqlite.Engine;

/// <summary>
/// Calls back when a database file or its write-ahead log was written, deleted or replaced, as the operating system tells (inotify on Linux). It may miss
/// some, and there may be no watch to be had, so it only makes polling sooner.
/// </summary>
internal sealed class FileSignal : IDisposable
{
    private readonly FileSystemWatcher _watcher;

    private FileSignal(string directory, string name, Action changed)
    {
        _watcher = new FileSystemWatcher(directory)
        {
            NotifyFilter = NotifyFilters.LastWrite | NotifyFilters.FileName,
        };
        // Not the shared-memory file, which readers write as well: that would wake every process at every look of every other.
        _watcher.Filters.Add(name);
        _watcher.Filters.Add(name + "-wal");
        _watcher.Changed += (_, _) => changed();
        _watcher.Created += (_, _) => changed();
        _watcher.Deleted += (_, _) => changed();
        _watcher.Renamed += (_, _) => changed();
    }

    /// <summary>Null when the operating system gives no watch, e.g. because the limit of inotify instances is reached.</summary>
    public static FileSignal? TryStart(string path, Action changed, out string? reason)
    {
        FileSignal? signal = null;
        try
        {
            signal = new FileSignal(Path.GetDirectoryName(path)!, Path.GetFileName(path), changed);
            signal._watcher.EnableRaisingEvents = true;
            reason = null;
            return signal;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or UnauthorizedAccessException)
        {
            signal?.Dispose();
            reason = exception.Message;
            return null;
        }
    }

    public void Dispose() => _watcher.Dispose();
}
