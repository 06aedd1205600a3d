using System.Security.Cryptography;
using Micro.Hosting;
using Micro.Internal;
using Microsoft.Data.Sqlite;

namespace Micro.Sqlite.Engine;

/// <summary>
/// One database file in the home directory: made whole, opened, checked and brought to the current version. A connection belongs to one thread
/// and is opened for that thread; the file itself may be used by any number of processes. Every failure is a <see cref="SqliteFileException"/>.
/// </summary>
internal sealed class SqliteFile(string directory, string name, SqliteSchema schema)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>How long SQLite itself waits for a lock, ms. Short, because the waiting thread also has other work; callers try again.</summary>
    private const int BusyTimeout = 1000;

    public string FullPath { get; } = Path.Combine(directory, name);

    /// <summary>Opens a connection, making directory and file when they are not there.</summary>
    public SqliteConnectionLease Open()
    {
        try
        {
            MicroHome.Open(directory);
            if (!File.Exists(FullPath) && !Directory.Exists(FullPath))
            {
                Create();
            }

            return Connect();
        }
        catch (Exception exception) when (exception is not SqliteFileException)
        {
            throw SqliteErrors.Translate(FullPath, exception);
        }
    }

    private SqliteConnectionLease Connect()
    {
        var identity = FileIdentity.Of(FullPath);
        var connection = Connection(FullPath);
        try
        {
            connection.Open();
            Execute(connection, $"PRAGMA busy_timeout = {BusyTimeout}; PRAGMA synchronous = NORMAL");
            Upgrade(connection);
            return new SqliteConnectionLease(connection, FullPath, identity);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    // The file appears under its name whole and in WAL mode, or not at all. If many processes switched one empty file to WAL at once, some of
    // them would see 'database is locked' whatever their timeout; this way one of them wins and the others open what it made.
    private void Create()
    {
        using var guard = TryLock();
        if (File.Exists(FullPath))
        {
            return;
        }

        if (guard is null)
        {
            throw new SqliteFileException(FullPath, "is being made by another process, which does not finish", isBusy: true, null);
        }

        // The logs of a file that was deleted would be replayed into the new one.
        File.Delete(FullPath + "-wal");
        File.Delete(FullPath + "-shm");
        var temporary = $"{FullPath}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}.new";
        try
        {
            OpenPrivate(temporary, FileMode.CreateNew).Dispose();
            using (var connection = Connection(temporary))
            {
                connection.Open();
                Upgrade(connection);
            }

            File.Move(temporary, FullPath, overwrite: false);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    // An advisory lock that ends with the process.
    private FileStream? TryLock()
    {
        try
        {
            return OpenPrivate(FullPath + ".lock", FileMode.OpenOrCreate);
        }
        catch (IOException exception) when (exception is not (DirectoryNotFoundException or FileNotFoundException))
        {
            return null;
        }
    }

    private static FileStream OpenPrivate(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return new FileStream(path, options);
    }

    private void Upgrade(SqliteConnection connection)
    {
        var version = Version(connection);
        if (version == schema.Version)
        {
            return;
        }

        if (version > schema.Version)
        {
            throw new SqliteFileException(
                FullPath,
                $"has format {version}, written by a newer Micro; this program knows formats up to {schema.Version}. Update it, or give it a home of its own (Micro:Home)",
                false,
                null);
        }

        if (version == 0)
        {
            if (Convert.ToInt64(Scalar(connection, "SELECT count(*) FROM sqlite_schema"), null) != 0)
            {
                throw new SqliteFileException(FullPath, "is a database of another program; move it away, or choose another home (Micro:Home)", false, null);
            }

            Execute(connection, "PRAGMA journal_mode = WAL");
        }

        using var transaction = connection.BeginTransaction(deferred: false);
        for (version = Version(connection); version < schema.Version; version++)
        {
            Execute(connection, schema.Step(version), transaction);
        }

        Execute(connection, $"PRAGMA user_version = {schema.Version}", transaction);
        transaction.Commit();
    }

    private static SqliteConnection Connection(string path) => new(new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Mode = SqliteOpenMode.ReadWrite,
        Pooling = false,
        DefaultTimeout = 1,
    }.ToString());

    private static int Version(SqliteConnection connection) => Convert.ToInt32(Scalar(connection, "PRAGMA user_version"), null);

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static void Execute(SqliteConnection connection, string sql, SqliteTransaction? transaction = null)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        command.ExecuteNonQuery();
    }
}
