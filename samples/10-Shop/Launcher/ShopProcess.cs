using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Shop.Attachment;

namespace Shop.Launcher;

/// <summary>One running instance of a service. Thread-safe.</summary>
internal sealed class ShopProcess : IDisposable
{
    private const int LinesASecond = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly ServiceProgram _program;
    private readonly Screen _screen;
    private readonly LogThrottle _throttle;
    private long _calls;

    public ShopProcess(ServiceProgram program, string name, ShopPlace place, Screen screen, bool allLogs)
    {
        _program = program;
        _screen = screen;
        _throttle = new LogThrottle(TimeProvider.System, allLogs ? int.MaxValue : LinesASecond);
        Name = name;
        _process = new Process { StartInfo = StartInfo(program, name, place), EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Exit = WaitAsync();
    }

    /// <summary>Name of the instance, e.g. <c>pricing-2</c>.</summary>
    public string Name { get; }

    public string Service => _program.Service;

    /// <summary>Calls it has served, by its own count.</summary>
    public long Calls => Interlocked.Read(ref _calls);

    /// <summary>Whether it was killed, and so need not end well.</summary>
    public bool WasKilled { get; private set; }

    /// <summary>Whether it was asked to stop.</summary>
    public bool IsStopping { get; private set; }

    /// <summary>Its exit code, once it has ended.</summary>
    public Task<int> Exit { get; }

    /// <summary>SIGKILL: the process gets no chance to say goodbye to anyone.</summary>
    public void Kill()
    {
        WasKilled = true;
        _process.Kill();
    }

    /// <summary>Asks it to stop, and kills it when it does not.</summary>
    public async Task<int> StopAsync()
    {
        IsStopping = true;
        if (!Exit.IsCompleted)
        {
            if (OperatingSystem.IsWindows())
            {
                _process.StandardInput.Close();
            }
            else
            {
                Signals.SendTerminate(_process.Id);
            }
        }

        try
        {
            return await Exit.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            _screen.Complain($"{Name} did not stop within {Patience.TotalSeconds:0} s and is killed.");
            _process.Kill();
            return await Exit;
        }
    }

    public void Dispose() => _process.Dispose();

    private static ProcessStartInfo StartInfo(ServiceProgram program, string name, ShopPlace place)
    {
        var start = new ProcessStartInfo
        {
            FileName = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet",
            ArgumentList = { program.Assembly },
            WorkingDirectory = place.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var foreign in new[] { "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "URLS", "HTTP_PORTS" })
        {
            start.Environment.Remove(foreign);
        }

        start.Environment["MICRO_HOME"] = place.Home;
        start.Environment["Micro__Metadata__name"] = name;

        // Ten processes that start at once on a small machine are slow at first; the default of 5 s is for services that have a machine.
        start.Environment["Micro__Client__Timeout"] = CallTimeout.ToString("c");
        start.Environment["Shop__Attached"] = "true";
        start.Environment["Shop__Journal"] = place.Journal;
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        start.Environment["Logging__LogLevel__Shop"] = "Information";
        start.Environment["Logging__LogLevel__Micro.Hosting"] = "Information";

        start.Environment["Logging__Console__FormatterName"] = "simple";
        start.Environment["Logging__Console__FormatterOptions__SingleLine"] = "true";
        start.Environment["Logging__Console__FormatterOptions__ColorBehavior"] = "Disabled";
        return start;
    }

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    private void Read(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        if (line.StartsWith(CallReportLine.Prefix, StringComparison.Ordinal))
        {
            if (long.TryParse(line.AsSpan(CallReportLine.Prefix.Length), CultureInfo.InvariantCulture, out var calls))
            {
                Interlocked.Exchange(ref _calls, calls);
            }

            return;
        }

        var (level, text) = LogLine.Parse(line);
        if (level >= LogLevel.Warning)
        {
            _screen.Line(Name, _program.Colour, level, text);
        }
        else if (_throttle.Pass(text) is { } passed)
        {
            _screen.Line(Name, _program.Colour, level, passed);
        }
    }
}
