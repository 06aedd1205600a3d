using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Micro.Tokens.Files;

/// <summary>
/// <c>fsync(2)</c> itself: the framework's own calls report success when the kernel answers EIO, and cannot flush a directory at all.
/// Elsewhere than on Linux, what the framework offers.
/// </summary>
internal static class LibC
{
    private const int ReadOnlyCloseOnExec = 0x80000; // O_RDONLY | O_CLOEXEC, the same on x64 and arm64

    /// <exception cref="IOException">It cannot be made durable.</exception>
    public static void FlushFile(FileStream file)
    {
        file.Flush();
        if (!OperatingSystem.IsLinux())
        {
            file.Flush(flushToDisk: true);
            return;
        }

        Check(fsync(file.SafeFileHandle), file.Name);
    }

    /// <exception cref="IOException">It cannot be made durable.</exception>
    public static void FlushDirectory(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var directory = new SafeFileHandle(open(path, ReadOnlyCloseOnExec), ownsHandle: true);
        Check(directory.IsInvalid ? -1 : fsync(directory), path);
    }

    private static void Check(int result, string path)
    {
        if (result != 0)
        {
            throw new IOException($"'{path}' cannot be made durable: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        }
    }

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int fsync(SafeFileHandle file);

    [DllImport("libc", EntryPoint = "open", SetLastError = true, BestFitMapping = false)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);
}
