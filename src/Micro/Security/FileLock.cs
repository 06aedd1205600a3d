using System.Diagnostics;

namespace Micro.Security;

/// <summary>
/// Held by one process, and one thread of it, at a time; given back by the operating system when its process dies. The file is never deleted: a lock on a
/// deleted file would be one that others do not see.
/// </summary>
internal sealed class FileLock : IDisposable
{
    // EWOULDBLOCK on Linux and elsewhere, ERROR_SHARING_VIOLATION: .NET has one exception for these and for a full disk.
    private const int LinuxBusy = 11, OtherUnixBusy = 35, WindowsBusy = unchecked((int)0x80070020);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    /// <summary>Null when another one holds it.</summary>
    public static FileLock? TryTake(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            if (new FileInfo(path).LinkTarget is not null)
            {
                throw SecretFile.Refuse("file", path, "is a symbolic link; remove it");
            }

            return new FileLock(new FileStream(path, options));
        }
        catch (IOException exception) when (exception.HResult is LinuxBusy or OtherUnixBusy or WindowsBusy)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw SecretFile.Refuse("file", path, $"cannot be opened: {exception.Message}", exception);
        }
    }

    /// <summary>Waits for it; holders need it for milliseconds.</summary>
    /// <exception cref="CredentialException">Not to be had within the patience: its holder was stopped half way.</exception>
    public static FileLock Take(string path, TimeSpan patience, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            if (TryTake(path) is { } taken)
            {
                return taken;
            }

            if (Stopwatch.GetElapsedTime(started) > patience)
            {
                throw SecretFile.Refuse("file", path, "is held by another process that does not finish; see which with: fuser");
            }

            // Other processes give no signal, and their clock is the real one whatever this process's tests make of time.
            cancellationToken.WaitHandle.WaitOne(Pause);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public void Dispose() => _file.Dispose();
}
