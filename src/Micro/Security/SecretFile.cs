using Micro.Internal;
using Microsoft.Win32.SafeHandles;

namespace Micro.Security;

/// <summary>
/// Files that hold keys or decide who is trusted. They are made with mode 0600 under a name of their own and get theirs when they are whole and on the disk;
/// they are read only when nobody else could have read or written them. Every failure is a <see cref="CredentialException"/> that names the file.
/// </summary>
internal static class SecretFile
{
    /// <summary>Largest file that is read or written, in bytes.</summary>
    public const int MaxBytes = 1 << 20;

    private const string TemporarySuffix = ".new";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Group = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute;
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Makes a directory with mode 0700 unless it exists; refuses one that is a link, another user's, or open to others.</summary>
    public static void OpenDirectory(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
                return;
            }

            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refuse("directory", path, $"cannot be made: {exception.Message}", exception);
        }

        var status = FileStatus.Of(path, followLinks: false);
        if (!status.IsDirectory)
        {
            throw Refuse("directory", path, "is a symbolic link or no directory; put a directory in its place");
        }

        CheckOwner("directory", path, status, orRoot: false);
        if ((status.Permissions & (Group | Others)) != 0)
        {
            throw Refuse("directory", path, $"is open to other users; run: chmod 700 '{path}'");
        }
    }

    /// <summary>Reads a file that this user made: no link, owned by the user, closed to everyone else.</summary>
    public static byte[] Read(string path) => Read(path, followLinks: false, status =>
    {
        CheckOwner("file", path, status, orRoot: false);
        if ((status.Permissions & (Group | Others)) != 0)
        {
            throw Refuse("file", path, $"is open to other users; if nobody can have read it, run: chmod 600 '{path}'");
        }
    });

    /// <summary>Reads a private key that somebody else put there, e.g. Kubernetes, through links if need be: closed to others, and to its group as well unless allowed.</summary>
    public static byte[] ReadMountedKey(string path, bool allowGroup) => Read(path, followLinks: true, status =>
    {
        CheckOwner("key file", path, status, orRoot: true);
        var closed = Others | (allowGroup ? UnixFileMode.GroupWrite : Group);
        if ((status.Permissions & closed) != 0)
        {
            throw Refuse("key file", path, allowGroup
                ? $"is open to other users or can be written by its group; run: chmod 640 '{path}'"
                : $"is open to its group or other users; run: chmod 600 '{path}' (or set Micro:Security:Pem:AllowGroupReadableKey, for a Kubernetes fsGroup)");
        }
    });

    /// <summary>Reads a file without secrets that somebody else put there, through links if need be: not one that everybody can write.</summary>
    public static byte[] ReadMounted(string path) => Read(path, followLinks: true, status =>
    {
        if ((status.Permissions & UnixFileMode.OtherWrite) != 0)
        {
            throw Refuse("file", path, $"can be written by everybody; run: chmod o-w '{path}'");
        }
    });

    /// <summary>Writes a file; it appears whole and on the disk, or not at all.</summary>
    /// <param name="path">Its directory has to be there.</param>
    /// <param name="content">At most <see cref="MaxBytes"/>.</param>
    /// <param name="replace">False fails when there is one.</param>
    public static void Write(string path, ReadOnlySpan<byte> content, bool replace)
    {
        if (content.Length > MaxBytes)
        {
            throw Refuse("file", path, $"would be larger than {MaxBytes} bytes");
        }

        var temporary = $"{path}.{Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8))}{TemporarySuffix}";
        try
        {
            using (var stream = Create(temporary))
            {
                stream.Write(content);
                NativeFile.Sync(stream.SafeFileHandle);
            }

            File.Move(temporary, path, replace);
            NativeFile.SyncDirectory(Path.GetDirectoryName(path)!);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refuse("file", path, $"cannot be written: {exception.Message}", exception);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Whether a name is one that <see cref="Write"/> uses on the way; what a process that was killed left behind has it.</summary>
    public static bool IsTemporary(string path) => path.EndsWith(TemporarySuffix, StringComparison.Ordinal);

    public static CredentialException Refuse(string kind, string path, string reason, Exception? cause = null) => new($"The {kind} '{path}' {reason}.", cause);

    // Exclusive creation follows no link.
    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return new FileStream(path, options);
    }

    private static byte[] Read(string path, bool followLinks, Action<FileStatus> check)
    {
        try
        {
            using var handle = NativeFile.OpenRead(path, followLinks);
            var status = FileStatus.Of(handle);
            if (!status.IsRegular)
            {
                throw Refuse("file", path, "is no regular file");
            }

            // Of the open file, so that another one in its place changes nothing.
            check(status);
            if (status.Size > MaxBytes)
            {
                throw Refuse("file", path, $"is larger than {MaxBytes} bytes");
            }

            return ReadAll(handle, (int)status.Size);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refuse("file", path, $"cannot be read: {exception.Message}", exception);
        }
    }

    private static byte[] ReadAll(SafeFileHandle handle, int size)
    {
        var content = new byte[size];
        var read = 0;
        while (read < size && RandomAccess.Read(handle, content.AsSpan(read), read) is > 0 and var count)
        {
            read += count;
        }

        return read == size ? content : content[..read];
    }

    private static void CheckOwner(string kind, string path, FileStatus status, bool orRoot)
    {
        if (OperatingSystem.IsLinux() && status.Owner != FileIdentity.EffectiveUser && !(orRoot && status.Owner == 0))
        {
            throw Refuse(kind, path, "belongs to another user");
        }
    }
}
