using Micro.Sqlite.Engine;
using Microsoft.Data.Sqlite;

namespace Micro.Sqlite.Discovery;

/// <summary>
/// All SQL of discovery, prepared once per connection. Belongs to the connection's thread. Times are milliseconds since 1970. A row counts as live
/// while <c>now &lt; expires &lt;= now + ttl + 2 s</c>: an expiry further away was written before the clock was set back, by a process that did not renew it since.
/// </summary>
internal sealed class InstanceTable(SqliteConnectionLease lease) : IDisposable
{
    private const string IsLive = "expires > $now AND expires <= $now + ttl + 2000";

    private readonly Dictionary<string, SqliteCommand> _commands = [];
    private SqliteTransaction? _transaction;

    /// <summary>Where the table is.</summary>
    public SqliteConnectionLease Lease { get; } = lease;

    /// <summary>Does everything in one write transaction; nothing of it when it throws.</summary>
    public void Write(Action work)
    {
        using var transaction = _transaction = Lease.Connection.BeginTransaction(deferred: false);
        try
        {
            work();
            transaction.Commit();
        }
        finally
        {
            _transaction = null;
        }
    }

    /// <summary>Changes whenever another connection has written anything.</summary>
    public long DataVersion() => Scalar(Command("PRAGMA data_version")) ?? 0;

    /// <summary>Count of changes at the last change of a service, or of the whole file for the empty name; null when there was none.</summary>
    public long? Revision(string service) =>
        Scalar(Command("SELECT revision FROM changes WHERE service = $service", ("$service", service)));

    /// <summary>Extends a registration that is live and belongs to the owner.</summary>
    public bool Renew(InstanceRow row, string owner, long now, long expires) => Command(
        $"UPDATE instances SET expires = $expires WHERE service = $service AND id = $id AND owner = $owner AND {IsLive}",
        ("$service", row.Service), ("$id", row.Id), ("$owner", owner), ("$now", now), ("$expires", expires)).ExecuteNonQuery() != 0;

    /// <summary>Writes a row over whatever has its id.</summary>
    public void Put(InstanceRow row, string owner, long ttl, long expires)
    {
        var revision = Touch(row.Service);
        Command(
            """
            INSERT OR REPLACE INTO instances (service, id, owner, version, addresses, metadata, revision, ttl, expires)
            VALUES ($service, $id, $owner, $version, $addresses, $metadata, $revision, $ttl, $expires)
            """,
            ("$service", row.Service), ("$id", row.Id), ("$owner", owner), ("$version", row.Version), ("$addresses", row.Addresses),
            ("$metadata", row.Metadata), ("$revision", revision), ("$ttl", ttl), ("$expires", expires)).ExecuteNonQuery();
    }

    /// <summary>True when a live row with this id belongs to another owner.</summary>
    public bool IsTaken(InstanceRow row, string owner, long now) => Scalar(Command(
        $"SELECT count(*) FROM instances WHERE service = $service AND id = $id AND owner <> $owner AND {IsLive}",
        ("$service", row.Service), ("$id", row.Id), ("$owner", owner), ("$now", now))) != 0;

    public void Remove(InstanceRow row, string owner)
    {
        if (Command(
            "DELETE FROM instances WHERE service = $service AND id = $id AND owner = $owner",
            ("$service", row.Service), ("$id", row.Id), ("$owner", owner)).ExecuteNonQuery() != 0)
        {
            Touch(row.Service);
        }
    }

    /// <summary>Deletes what is over, whoever's it was. Returns how many rows.</summary>
    public int Reap(long now)
    {
        var services = new List<string>();
        using (var reader = Command($"DELETE FROM instances WHERE NOT ({IsLive}) RETURNING service", ("$now", now)).ExecuteReader())
        {
            while (reader.Read())
            {
                services.Add(reader.GetString(0));
            }
        }

        foreach (var service in services.Distinct())
        {
            Touch(service);
        }

        return services.Count;
    }

    /// <summary>Names of services with live instances, ordered.</summary>
    public List<string> Services(long now)
    {
        var names = new List<string>();
        using var reader = Command($"SELECT DISTINCT service FROM instances WHERE {IsLive}", ("$now", now)).ExecuteReader();
        while (reader.Read())
        {
            names.Add(reader.GetString(0));
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }

    /// <summary>Visits the rows of a service, live or not. The columns are read only when asked for.</summary>
    public void Read(string service, long now, Action<InstanceReader> visit)
    {
        using var reader = Command(
            $"SELECT id, revision, expires, {IsLive}, version, addresses, metadata FROM instances WHERE service = $service",
            ("$service", service), ("$now", now)).ExecuteReader();
        var row = new InstanceReader(service, reader);
        while (reader.Read())
        {
            visit(row);
        }
    }

    public void Dispose()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }

        Lease.Dispose();
    }

    private long Touch(string service)
    {
        var revision = Scalar(Command("UPDATE changes SET revision = revision + 1 WHERE service = '' RETURNING revision")) ?? 0;
        Command(
            "INSERT INTO changes (service, revision) VALUES ($service, $revision) ON CONFLICT (service) DO UPDATE SET revision = $revision",
            ("$service", service), ("$revision", revision)).ExecuteNonQuery();
        return revision;
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = Lease.Connection.CreateCommand();
            command.CommandText = sql;
            foreach (var (name, value) in parameters)
            {
                command.Parameters.AddWithValue(name, value);
            }

            _commands.Add(sql, command);
        }
        else
        {
            foreach (var (name, value) in parameters)
            {
                command.Parameters[name].Value = value;
            }
        }

        command.Transaction = _transaction; // the driver refuses commands that do not name the transaction they are in
        return command;
    }

    private static long? Scalar(SqliteCommand command) => command.ExecuteScalar() is long value ? value : null;
}
