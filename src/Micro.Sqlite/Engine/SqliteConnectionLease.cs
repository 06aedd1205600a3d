using Micro.Internal;
using Microsoft.Data.Sqlite;

namespace Micro.Sqlite.Engine;

/// <summary>
/// A connection together with the identity of the file it is to. A file can be deleted or replaced under an open connection, which then works on a
/// file that nobody else sees; <see cref="IsCurrent"/> tells. Belongs to one thread.
/// </summary>
internal sealed class SqliteConnectionLease(SqliteConnection connection, string path, FileIdentity identity) : IDisposable
{
    private FileIdentity _log;

    public SqliteConnection Connection { get; } = connection;

    public FileIdentity Identity { get; } = identity;

    /// <summary>False when the path, or its write-ahead log, is no longer the file that was opened. Two system calls.</summary>
    public bool IsCurrent()
    {
        if (!Identity.Exists || FileIdentity.Of(path) != Identity)
        {
            return false;
        }

        var log = FileIdentity.Of(path + "-wal");
        if (!_log.Exists)
        {
            _log = log;
        }

        return log == _log;
    }

    public void Dispose() => Connection.Dispose();
}
