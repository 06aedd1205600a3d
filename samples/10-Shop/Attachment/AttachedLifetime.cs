using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace Shop.Attachment;

/// <summary>
/// Stops the process on SIGTERM, and when its standard input ends: the launcher holds the other end of that pipe, and the system closes it even if the launcher is
/// killed. SIGINT is not for this process: Ctrl-C reaches everything in a terminal at once, and the launcher is to stop the shop in order.
/// </summary>
internal sealed class AttachedLifetime(IHostApplicationLifetime application) : IHostLifetime, IDisposable
{
    /// <summary>How long stopping may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly List<PosixSignalRegistration> _signals = [];

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            application.StopApplication();
        }));
        new Thread(WatchInput) { IsBackground = true, Name = "launcher" }.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _signals.ForEach(signal => signal.Dispose());

    private void WatchInput()
    {
        using var input = Console.OpenStandardInput();
        Span<byte> buffer = stackalloc byte[64];
        while (input.Read(buffer) > 0)
        {
            // Nothing is sent; only the end matters.
        }

        application.StopApplication();

        // A background thread: it reaches the next line only in a process that has not ended by then.
        Thread.Sleep(Patience + Patience);
        Environment.Exit(1);
    }
}
