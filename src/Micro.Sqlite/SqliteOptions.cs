using Micro.Sqlite.Discovery;

namespace Micro.Sqlite;

/// <summary>Options of the embedded engine as a whole.</summary>
public sealed class SqliteOptions
{
    /// <summary>Directory of the engine's files. Default null: as <see cref="Micro.Hosting.MicroHome"/> says.</summary>
    public string? Home { get; set; }

    /// <summary>Options of discovery; configuration <c>Micro:Discovery:Sqlite</c> has set them already.</summary>
    public SqliteDiscoveryOptions Discovery { get; } = new();
}
