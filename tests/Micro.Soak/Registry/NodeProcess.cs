using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Micro.Soak.Registry;

/// <summary>A running <see cref="RegistryNode"/> as its parent sees it. Disposing kills it.</summary>
internal sealed class NodeProcess : IDisposable
{
    private const int SigCont = 18, SigStop = 19;

    private readonly Process _process;
    private readonly TaskCompletionSource<long> _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<long> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lost;

    private NodeProcess(Process process) => _process = process;

    /// <summary>When RegisterAsync returned; fails when the process ends before.</summary>
    public Task<long> Registered => _registered.Task;

    /// <summary>When the registration last fired Lost; 0 when it never did.</summary>
    public long Lost => Volatile.Read(ref _lost);

    /// <param name="program">Path of the soak program: an executable or a .dll.</param>
    /// <param name="arguments">Those of <c>registry-node</c>.</param>
    public static NodeProcess Start(string program, params IReadOnlyList<string> arguments)
    {
        var isLibrary = program.EndsWith(".dll", StringComparison.Ordinal);
        var start = new ProcessStartInfo(isLibrary ? "dotnet" : program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var argument in (string[])[.. isLibrary ? [program] : Array.Empty<string>(), "registry-node", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException("The node did not start.");
        var node = new NodeProcess(process);
        _ = node.ReadAsync();
        return node;
    }

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Ends it in order; returns when its deregistration was done.</summary>
    public async Task<long> StopAsync()
    {
        await _process.StandardInput.WriteLineAsync("stop");
        await _process.StandardInput.FlushAsync();
        return await _stopped.Task;
    }

    public void Freeze() => kill(_process.Id, SigStop);

    public void Thaw() => kill(_process.Id, SigCont);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        var errors = _process.StandardError.ReadToEndAsync();
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Split(' ') is not [var what, var text] || !long.TryParse(text, CultureInfo.InvariantCulture, out var time))
            {
                continue;
            }

            switch (what)
            {
                case "registered":
                    _registered.TrySetResult(time);
                    break;
                case "lost":
                    Volatile.Write(ref _lost, time);
                    break;
                case "stopped":
                    _stopped.TrySetResult(time);
                    break;
            }
        }

        var failure = new InvalidOperationException($"The node ended. {await errors}");
        _registered.TrySetException(failure);
        _stopped.TrySetException(failure);
        _ = _registered.Task.Exception;
        _ = _stopped.Task.Exception;
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int kill(int process, int signal);
}
