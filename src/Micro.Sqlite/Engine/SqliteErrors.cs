using Micro.Hosting;
using Microsoft.Data.Sqlite;

namespace Micro.Sqlite.Engine;

/// <summary>Translates what SQLite, the file system and the home directory report, once, into words that say what to do.</summary>
internal static class SqliteErrors
{
    private const int Busy = 5, Locked = 6, ReadOnly = 8, Corrupt = 11, Full = 13, CannotOpen = 14, Protocol = 15, NotADatabase = 26;

    public static SqliteFileException Translate(string path, Exception exception)
    {
        var directory = Path.GetDirectoryName(path);
        switch (exception)
        {
            case SqliteFileException translated:
                return translated;
            case IOException or UnauthorizedAccessException:
                return new SqliteFileException(path, $"cannot be made or opened: {exception.Message} Check that this user may write to {directory}", false, exception);
            case not SqliteException:
                return new SqliteFileException(path, $"cannot be used: {exception.Message}", false, exception);
        }

        var sqlite = (SqliteException)exception;
        var code = sqlite.SqliteErrorCode;
        var reason = code switch
        {
            Busy or Locked or Protocol => "was locked by another process for too long",
            ReadOnly or CannotOpen => $"cannot be opened for writing; check that it is a file and that this user may write to it and to {directory}",
            Full => "cannot grow: the disk is full; free some space",
            Corrupt or NotADatabase =>
                $"is damaged or not a SQLite database; delete it together with {path}-wal and {path}-shm, running services register again by themselves",
            _ => $"cannot be used: {sqlite.Message}",
        };
        return new SqliteFileException(path, reason, code is Busy or Locked or Protocol, sqlite);
    }
}
