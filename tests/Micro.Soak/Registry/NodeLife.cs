namespace Micro.Soak.Registry;

/// <summary>What one node process did, for checking. The port is different in each life, so that lives with the same id can be told apart.</summary>
internal sealed class NodeLife(string id, int port, NodeProcess process)
{
    public string Id { get; } = id;

    public int Port { get; } = port;

    public NodeProcess Process { get; } = process;

    /// <summary>When it was registered, ms since 1970; 0 when it is not yet.</summary>
    public long Registered { get; set; }

    /// <summary>When it ended: deregistered, killed or frozen; 0 while it lives.</summary>
    public long Ended { get; set; }

    /// <summary>When the watchers must no longer show it.</summary>
    public long GoneBy { get; set; } = long.MaxValue;

    /// <summary>How it ended, for messages and figures.</summary>
    public string Ending { get; set; } = "";

    /// <summary>When each watcher first showed it and when it last began not to; 0 when never.</summary>
    public long[] Seen { get; } = new long[RegistrySoak.Watchers];

    public long[] Gone { get; } = new long[RegistrySoak.Watchers];

    /// <summary>Violations already reported, one of each kind per life and watcher.</summary>
    public HashSet<string> Reported { get; } = [];
}
