using System.Runtime.InteropServices;

namespace Shop.Launcher;

internal static partial class Signals
{
    private const int Terminate = 15;

    /// <summary>Sends SIGTERM, which .NET itself cannot. A process that is gone is none to ask.</summary>
    public static void SendTerminate(int pid) => _ = Kill(pid, Terminate);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
