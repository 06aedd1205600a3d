using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Micro.Internal;

/// <summary>
/// What <c>statx(2)</c> says about a file on Linux: which one it is, whose, with which mode, and when it was changed last. Two that are equal are the same
/// file with the same content, but for writes within one tick of the file system's clock. Elsewhere only what .NET shows: no owner, and an identity by time
/// of creation. <see langword="default"/> when there is no such file.
/// </summary>
internal readonly record struct FileStatus(ulong Device, ulong Inode, uint Owner, ushort Mode, ulong Size, long Seconds, uint Nanoseconds)
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const uint BasicStats = 0x7ff; // STATX_BASIC_STATS
    private const int TypeMask = 0xf000; // S_IFMT
    private const int DirectoryType = 0x4000;
    private const int RegularType = 0x8000;

    public bool Exists => this != default;

    public bool IsDirectory => (Mode & TypeMask) == DirectoryType;

    public bool IsRegular => (Mode & TypeMask) == RegularType;

    /// <summary>The permission bits; none on Windows, which has none.</summary>
    public UnixFileMode Permissions => (UnixFileMode)(Mode & 0xfff);

    public static FileStatus Of(string path, bool followLinks = true)
    {
        if (OperatingSystem.IsLinux())
        {
            return statx(CurrentDirectory, path, followLinks ? 0 : NoFollow, BasicStats, out var status) == 0 ? status.ToStatus() : default;
        }

        FileSystemInfo info = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        if (followLinks && info.LinkTarget is not null)
        {
            info = info.ResolveLinkTarget(returnFinalTarget: true) ?? info;
        }

        return info.Exists ? Managed(info) : default;
    }

    public static FileStatus Of(SafeFileHandle handle)
    {
        if (OperatingSystem.IsLinux())
        {
            var taken = false;
            try
            {
                handle.DangerousAddRef(ref taken);
                return statx((int)handle.DangerousGetHandle(), "", EmptyPath, BasicStats, out var status) == 0 ? status.ToStatus() : default;
            }
            finally
            {
                if (taken)
                {
                    handle.DangerousRelease();
                }
            }
        }

        var permissions = OperatingSystem.IsWindows() ? 0 : (int)File.GetUnixFileMode(handle);
        var written = File.GetLastWriteTimeUtc(handle).Ticks;
        return new FileStatus(1, (ulong)File.GetCreationTimeUtc(handle).Ticks, 0, (ushort)(RegularType | permissions), (ulong)RandomAccess.GetLength(handle), written, 0);
    }

    private static FileStatus Managed(FileSystemInfo info)
    {
        var permissions = OperatingSystem.IsWindows() ? 0 : (int)info.UnixFileMode;
        var type = info.LinkTarget is not null ? 0 : info is DirectoryInfo ? DirectoryType : RegularType;
        var size = info is FileInfo file ? (ulong)file.Length : 0;
        return new FileStatus(1, (ulong)info.CreationTimeUtc.Ticks, 0, (ushort)(type | permissions), size, info.LastWriteTimeUtc.Ticks, 0);
    }

    [DllImport("libc", EntryPoint = "statx", BestFitMapping = false)]
    private static extern int statx(int directory, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, out Statx status);

    // The layout of struct statx is the same on every architecture. The time is that of the last change of content, mode, owner or name: a program cannot
    // set it back.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Statx
    {
        [FieldOffset(20)]
        public uint Owner;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(96)]
        public long ChangedSeconds;

        [FieldOffset(104)]
        public uint ChangedNanoseconds;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;

        public readonly FileStatus ToStatus() =>
            new(((ulong)DeviceMajor << 32) | DeviceMinor, Inode, Owner, Mode, Size, ChangedSeconds, ChangedNanoseconds);
    }
}
