namespace Micro.Tokens.Files;

/// <summary>
/// One writer at a time, over the processes of a machine: an empty file that is open exclusively (<c>flock(2)</c> on Unix), so that the lock of a process that
/// died is free.
/// </summary>
internal sealed class FileLock(string path)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    private readonly SemaphoreSlim _ours = new(1, 1);

    /// <summary>Waits for the lock; disposing the result frees it.</summary>
    /// <exception cref="IOException">Another process holds it for more than 10 s, or the file cannot be made.</exception>
    public async ValueTask<Holder> AcquireAsync(CancellationToken cancellationToken)
    {
        await _ours.WaitAsync(cancellationToken);
        try
        {
            return new Holder(await OpenAsync(cancellationToken), _ours);
        }
        catch
        {
            _ours.Release();
            throw;
        }
    }

    private async ValueTask<FileStream> OpenAsync(CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        while (true)
        {
            try
            {
                return new FileStream(path, options);
            }
            catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException))
            {
                if (TimeProvider.System.GetElapsedTime(began) > Patience)
                {
                    throw new IOException($"'{path}' could not be locked for {Patience.TotalSeconds:0} s; another process may hold it: {e.Message}", e);
                }
            }

            await Task.Delay(Step, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>The lock while it is held.</summary>
    public readonly struct Holder(FileStream file, SemaphoreSlim ours) : IDisposable
    {
        public void Dispose()
        {
            file.Dispose();
            ours.Release();
        }
    }
}
