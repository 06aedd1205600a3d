using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Micro.Soak;

/// <summary>
/// A process of this program with another command, as its parent sees it: it tells by lines on its output, is told by lines on its input, and ends itself
/// when its input does. Disposing kills it, also when it is stopped. Thread-safe.
/// </summary>
internal sealed class SoakProcess : IDisposable
{
    public const int SigTerm = 15, SigCont = 18, SigStop = 19;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly List<(string Prefix, TaskCompletionSource<string> Line)> _waiting = [];
    private readonly Task<string> _errors;
    private bool _over;

    private SoakProcess(Process process)
    {
        _process = process;
        Id = process.Id;
        _errors = process.StandardError.ReadToEndAsync();
        _ = ReadAsync();
    }

    public int Id { get; }

    public bool HasExited => _process.HasExited;

    /// <param name="prefix">Program and arguments to start it by, such as <c>ip netns exec</c>; empty: directly.</param>
    /// <param name="command">One of <c>Program.cs</c>.</param>
    /// <param name="arguments">Those of the command.</param>
    public static SoakProcess Start(IReadOnlyList<string> prefix, string command, params IReadOnlyList<string> arguments)
    {
        // Run as an executable of its own or by the dotnet command.
        var self = Environment.ProcessPath!;
        string[] program = Path.GetFileNameWithoutExtension(self) == "dotnet" ? [self, typeof(SoakProcess).Assembly.Location] : [self];
        string[] all = [.. prefix, .. program, command, .. arguments];
        var start = new ProcessStartInfo(all[0], all[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_TieredPGO"] = "0";
        return new SoakProcess(Process.Start(start) ?? throw new InvalidOperationException($"{command} did not start."));
    }

    /// <summary>The rest of the first line not yet taken that begins so, and a space.</summary>
    public async Task<string> WaitForAsync(string prefix)
    {
        var line = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_lines.Find(one => one.StartsWith(prefix, StringComparison.Ordinal)) is { } known)
            {
                _lines.Remove(known);
                return known[(prefix.Length + 1)..];
            }

            if (_over)
            {
                throw Ended(prefix);
            }

            _waiting.Add((prefix, line));
        }

        return (await line.Task.WaitAsync(Patience))[(prefix.Length + 1)..];
    }

    /// <summary>Sends a command and waits for the line that answers it.</summary>
    public async Task<string> AskAsync(string command, string answer)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
        return await WaitForAsync(answer);
    }

    public void Signal(int signal) => kill(Id, signal);

    public void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.WaitForExit();
    }

    public async Task<int> ExitAsync(TimeSpan patience)
    {
        await _process.WaitForExitAsync().WaitAsync(patience);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            lock (_gate)
            {
                var index = _waiting.FindIndex(one => line.StartsWith(one.Prefix, StringComparison.Ordinal));
                if (index < 0)
                {
                    _lines.Add(line);
                    continue;
                }

                _waiting[index].Line.TrySetResult(line);
                _waiting.RemoveAt(index);
            }
        }

        lock (_gate)
        {
            _over = true;
            _waiting.ForEach(one => one.Line.TrySetException(Ended(one.Prefix)));
        }
    }

    private InvalidOperationException Ended(string prefix) =>
        new($"Process {Id} ended before it said '{prefix}'. {(_errors.IsCompletedSuccessfully ? _errors.Result : "")}");

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int kill(int process, int signal);
}
