using System.Diagnostics;
using System.Reflection;
using System.Threading.Channels;

namespace Micro.EndToEnd.Tests.Samples;

/// <summary>A program of this repository, running as a user runs it: its built assembly, in a process of its own, with a home of the test.</summary>
internal sealed class SampleProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Channel<string> _unread = Channel.CreateUnbounded<string>();
    private readonly List<string> _lines = [];

    public SampleProcess(string project, string home, params IEnumerable<string> arguments)
        : this("samples", project, home, arguments)
    {
    }

    /// <param name="under">Folder of the repository.</param>
    /// <param name="project">Folder below that one and name of the project, as in <c>a/A</c>.</param>
    /// <param name="home">Home of the test.</param>
    /// <param name="arguments">Arguments.</param>
    public SampleProcess(string under, string project, string home, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [AssemblyOf(under, project), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MICRO_HOME"] = home;

        // What a killed process leaves behind is removed with the folder of the test.
        start.Environment["TMPDIR"] = Path.GetDirectoryName(home);
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public StreamWriter Input => _process.StandardInput;

    /// <summary>All lines so far, of both outputs.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Waits for a line with that text, from where the last such wait ended.</summary>
    public async Task WaitForAsync(string text, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            while (!(await _unread.Reader.ReadAsync(limit.Token)).Contains(text, StringComparison.Ordinal))
            {
                // The next line.
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Assert.Fail($"'{text}' did not come:\n{string.Join('\n', Lines)}");
        }
    }

    public async Task<int> ExitAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(patience, cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>SIGKILL.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    /// <summary>Built with these tests, so with their configuration.</summary>
    private static string AssemblyOf(string under, string project)
    {
        var root = typeof(SampleProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == "MicroRoot").Value!;
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var folder = Path.Combine(root, under, Path.GetDirectoryName(project)!, "bin", own.Parent!.Name, own.Name);
        return Path.Combine(folder, Path.GetFileName(project) + ".dll");
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lines)
        {
            _lines.Add(line);
        }

        _unread.Writer.TryWrite(line);
    }
}
