using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Micro.Internal;

/// <summary>
/// What .NET's file API cannot do or does otherwise: open without following a link, an fsync whose failure is seen (FileStream.Flush(true) and
/// RandomAccess.FlushToDisk return success when the kernel answers EIO), an fsync of a directory. Elsewhere than on Linux what .NET offers.
/// </summary>
internal static class NativeFile
{
    private const int ReadOnly = 0;
    private const int NonBlocking = 0x800; // O_NONBLOCK: a pipe in the file's place must not hang us
    private const int CloseOnExec = 0x80000; // O_CLOEXEC
    private const int Looped = 40; // ELOOP

    // The two flags that differ between the architectures .NET runs on.
    private static readonly bool IsArmLike = RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 or Architecture.Armv6 or Architecture.Ppc64le;
    private static readonly int NoFollow = IsArmLike ? 0x8000 : 0x20000; // O_NOFOLLOW
    private static readonly int DirectoryOnly = IsArmLike ? 0x4000 : 0x10000; // O_DIRECTORY

    /// <summary>Opens for reading.</summary>
    /// <exception cref="IOException">It cannot be opened, or is a link and links are not followed; the message has the reason, not the path.</exception>
    public static SafeFileHandle OpenRead(string path, bool followLinks)
    {
        if (OperatingSystem.IsLinux())
        {
            return Open(path, ReadOnly | NonBlocking | (followLinks ? 0 : NoFollow));
        }

        return followLinks || new FileInfo(path).LinkTarget is null
            ? File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete)
            : throw new IOException("it is a symbolic link");
    }

    /// <summary>Returns when the content is on the disk.</summary>
    /// <exception cref="IOException">It may not be; what was written is not to be relied on.</exception>
    public static void Sync(SafeFileHandle handle)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(handle);
        }
        else if (fsync(handle) != 0)
        {
            throw Error();
        }
    }

    /// <summary>Returns when the names in the directory are on the disk.</summary>
    /// <exception cref="IOException">They may not be.</exception>
    public static void SyncDirectory(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            using var handle = Open(path, ReadOnly | DirectoryOnly);
            Sync(handle);
        }
    }

    private static SafeFileHandle Open(string path, int flags)
    {
        var handle = open(path, flags | CloseOnExec, 0);
        return handle.IsInvalid ? throw Error() : handle;
    }

    private static IOException Error()
    {
        var code = Marshal.GetLastPInvokeError();
        return new IOException(code == Looped ? "it is a symbolic link" : new Win32Exception(code).Message, code);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true, BestFitMapping = false)]
    private static extern SafeFileHandle open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mode);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int fsync(SafeFileHandle handle);
}
