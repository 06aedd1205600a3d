using System.Runtime.InteropServices;

namespace Micro.Internal;

/// <summary>
/// Tells a file from another one of the same name, and whose it is: device, inode and owner on Linux, which .NET does not show; the time of creation
/// elsewhere. <see langword="default"/> when there is no such file.
/// </summary>
internal readonly record struct FileIdentity(ulong Device, ulong Inode, uint Owner)
{
    public static uint EffectiveUser => geteuid();

    public bool Exists => this != default;

    public static FileIdentity Of(string path, bool followLinks = true)
    {
        var status = FileStatus.Of(path, followLinks);
        return new FileIdentity(status.Device, status.Inode, status.Owner);
    }

    [DllImport("libc", EntryPoint = "geteuid")]
    private static extern uint geteuid();
}
