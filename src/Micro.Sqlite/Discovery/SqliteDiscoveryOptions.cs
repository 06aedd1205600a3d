namespace Micro.Sqlite.Discovery;

/// <summary>Options of discovery on SQLite, from <c>Micro:Discovery:Sqlite</c>. The processes that share a file should agree on them.</summary>
public sealed class SqliteDiscoveryOptions
{
    /// <summary>Directory of <c>live.db</c>. Default null: as <see cref="Micro.Hosting.MicroHome"/> says.</summary>
    public string? Home { get; set; }

    /// <summary>Time between two renewals of what this process registered. Default 2 s.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Time after the last renewal at which a registration is over; at least twice the heartbeat. Default 6 s.</summary>
    public TimeSpan Ttl { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>Time between two looks at the file when the operating system does not report a change sooner; at most 1 s. Default 250 ms.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Whether the operating system is asked to report changes; without, there is only polling.</summary>
    internal bool UsesSignals { get; set; } = true;

    /// <summary>A process considers itself unregistered this much before the others may.</summary>
    internal TimeSpan Margin => Ttl / 5;

    /// <exception cref="ArgumentException">The values do not fit together.</exception>
    internal void Check()
    {
        if (HeartbeatInterval <= TimeSpan.Zero || Ttl < 2 * HeartbeatInterval)
        {
            throw new ArgumentException($"Micro:Discovery:Sqlite: Ttl ({Ttl}) must be at least twice HeartbeatInterval ({HeartbeatInterval}), which must be positive.");
        }

        if (PollInterval <= TimeSpan.Zero || PollInterval > TimeSpan.FromSeconds(1))
        {
            throw new ArgumentException($"Micro:Discovery:Sqlite: PollInterval ({PollInterval}) must be positive and at most 1 s.");
        }
    }
}
