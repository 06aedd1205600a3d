using System.Runtime.InteropServices;

namespace Micro.Internal;

/// <summary>
/// Tells a file from another one of the same name, and whose it is: device, inode and owner by <c>statx(2)</c> on Linux, which .NET does not show; the
/// time of creation elsewhere. <see langword="default"/> when there is no such file.
/// </summary>
internal readonly record struct FileIdentity(ulong Device, ulong Inode, uint Owner)
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint BasicStats = 0x7ff; // STATX_BASIC_STATS

    public static uint EffectiveUser => geteuid();

    public bool Exists => this != default;

    public static FileIdentity Of(string path, bool followLinks = true)
    {
        if (!OperatingSystem.IsLinux())
        {
            return File.Exists(path) || Directory.Exists(path) ? new FileIdentity(1, (ulong)File.GetCreationTimeUtc(path).Ticks, 0) : default;
        }

        return statx(CurrentDirectory, path, followLinks ? 0 : NoFollow, BasicStats, out var status) == 0
            ? new FileIdentity(((ulong)status.DeviceMajor << 32) | status.DeviceMinor, status.Inode, status.Owner)
            : default;
    }

    [DllImport("libc", EntryPoint = "geteuid")]
    private static extern uint geteuid();

    [DllImport("libc", EntryPoint = "statx", BestFitMapping = false)]
    private static extern int statx(int directory, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, out Status status);

    // The layout of struct statx is the same on every architecture.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(20)]
        public uint Owner;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
