namespace Shop.Launcher;

/// <summary>All processes of the shop.</summary>
internal sealed class ShopFloor(ShopPlace place, Screen screen, bool allLogs) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<ShopProcess> _processes = [];
    private readonly CancellationTokenSource _crashed = new();

    /// <summary>Fires when a process ends that nobody had killed or asked to stop.</summary>
    public CancellationToken Crashed => _crashed.Token;

    /// <summary>Every process started so far, also those that have ended.</summary>
    public IReadOnlyList<ShopProcess> Processes
    {
        get
        {
            lock (_lock)
            {
                return [.. _processes];
            }
        }
    }

    public void StartAll()
    {
        foreach (var program in ServiceProgram.All)
        {
            for (var number = 1; number <= program.Instances; number++)
            {
                Start(program, program.Instances == 1 ? program.Service : $"{program.Service}-{number}");
            }
        }
    }

    /// <summary>Starts one more instance of a service.</summary>
    public ShopProcess StartAnother(string service)
    {
        var program = ServiceProgram.All.Single(one => one.Service == service);
        return Start(program, $"{service}-{Processes.Count(process => process.Service == service) + 1}");
    }

    /// <summary>Asks all to stop, those first that call others, so that nobody is called who has left.</summary>
    /// <returns>Whether each ended with exit code 0.</returns>
    public async Task<bool> StopAllAsync()
    {
        var running = Processes.Where(process => !process.WasKilled).ToLookup(process => process.Service);
        var good = true;
        foreach (var wave in ServiceProgram.All.Reverse().Chunk(3))
        {
            var stopping = wave.SelectMany(program => running[program.Service]).Select(async process => (process.Name, Code: await process.StopAsync()));
            foreach (var (name, code) in await Task.WhenAll(stopping))
            {
                if (code != 0)
                {
                    screen.Complain($"{name} ended with exit code {code}.");
                    good = false;
                }
            }
        }

        return good;
    }

    public void Dispose()
    {
        foreach (var process in Processes)
        {
            process.Dispose();
        }

        _crashed.Dispose();
    }

    private ShopProcess Start(ServiceProgram program, string name)
    {
        var process = new ShopProcess(program, name, place, screen, allLogs);
        lock (_lock)
        {
            _processes.Add(process);
        }

        _ = WatchAsync(process);
        return process;
    }

    private async Task WatchAsync(ShopProcess process)
    {
        var code = await process.Exit;
        if (process is { WasKilled: false, IsStopping: false })
        {
            screen.Complain($"{process.Name} ended by itself with exit code {code}.");
            await _crashed.CancelAsync();
        }
    }
}
