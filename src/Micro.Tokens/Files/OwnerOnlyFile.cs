using System.Security.Cryptography;

namespace Micro.Tokens.Files;

/// <summary>
/// A small file with secrets: mode 0600, never reached through a link, replaced as a whole. Readers see all of the old or all of the new content, and need no lock;
/// writers hold a <see cref="FileLock"/>.
/// </summary>
internal sealed class OwnerOnlyFile(string path)
{
    /// <summary>Largest file that is read, in bytes: 64 MiB.</summary>
    public const long MaxLength = 64 * 1024 * 1024;

    private const UnixFileMode OwnerReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public string Path { get; } = path;

    /// <summary>What changes when the file does; default when there is none. No file is opened.</summary>
    public FileStamp Stamp
    {
        get
        {
            var file = new FileInfo(Path);
            return file.Exists ? new FileStamp(file.LastWriteTimeUtc.Ticks, file.Length, OperatingSystem.IsWindows() ? 0 : (int)file.UnixFileMode) : default;
        }
    }

    /// <summary>The content; null when there is no file.</summary>
    /// <exception cref="IOException">It is a link, can be used by other users, is too large, or cannot be read.</exception>
    public byte[]? Read()
    {
        var file = new FileInfo(Path);
        if (file.LinkTarget is not null)
        {
            throw new IOException($"'{Path}' is a link; secrets are not read through one.");
        }

        if (!file.Exists)
        {
            return null;
        }

        try
        {
            using var stream = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(stream.SafeFileHandle) & ~(OwnerReadWrite | UnixFileMode.UserExecute)) != 0)
            {
                throw new IOException($"'{Path}' can be used by other users; run: chmod 600 '{Path}'");
            }

            if (stream.Length > MaxLength)
            {
                throw new IOException($"'{Path}' has {stream.Length} bytes; at most {MaxLength} are read.");
            }

            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return content;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Writes new content beside the old, makes it durable and puts it in place. The caller holds the lock.</summary>
    /// <exception cref="IOException">It cannot be written; the old content stays.</exception>
    public void Replace(ReadOnlySpan<byte> content)
    {
        var folder = System.IO.Path.GetDirectoryName(Path)!;
        var temporary = $"{Path}.{Convert.ToHexString(RandomNumberGenerator.GetBytes(8))}.tmp";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerReadWrite;
            }

            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(content);
                LibC.FlushFile(stream);
            }

            File.Move(temporary, Path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        LibC.FlushDirectory(folder);
    }
}
