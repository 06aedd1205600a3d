using Micro.Hosting;

namespace Micro.Tokens.Files;

/// <summary>The directory <c>authority</c> of a home, mode 0700: accounts and keys.</summary>
internal sealed class AuthorityFolder(string home)
{
    public string Path { get; } = System.IO.Path.Combine(home, "authority");

    /// <summary>Makes it unless it exists, and checks that nobody else may use it. Any number of processes may do this at once.</summary>
    /// <exception cref="MicroHomeException">It cannot be made or used.</exception>
    public void Open()
    {
        MicroHome.Open(home);
        MicroHome.Open(Path);
        if (!OperatingSystem.IsWindows()
            && (File.GetUnixFileMode(Path) & (UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute)) != 0)
        {
            throw new MicroHomeException(Path, $"can be read by other users; run: chmod 700 '{Path}'");
        }
    }

    /// <summary>A file in it.</summary>
    public OwnerOnlyFile FileOf(string name) => new(System.IO.Path.Combine(Path, name));

    /// <summary>The content of a file in it; null when there is none. Whoever may write to the directory could have put it there, so that is checked like the file.</summary>
    /// <exception cref="MicroHomeException">The directory or the home can be used by others.</exception>
    /// <exception cref="IOException">The file can, or it cannot be read.</exception>
    public byte[]? Read(OwnerOnlyFile file)
    {
        if (Directory.Exists(Path))
        {
            Open();
        }

        return file.Read();
    }

    /// <summary>A lock in it.</summary>
    public FileLock LockOf(string name) => new(System.IO.Path.Combine(Path, name));
}
