namespace Micro.Sqlite.Engine;

/// <summary>The content of <c>live.db</c>: what is true only while processes keep renewing it.</summary>
internal static class LiveSchema
{
    public const string FileName = "live.db";

    // changes: the row '' counts all changes of the file; the row of a service has that count at its last change. Renewals are not changes.
    private const string Registry = """
        CREATE TABLE instances (
            service TEXT NOT NULL,
            id TEXT NOT NULL,
            owner TEXT NOT NULL,
            version TEXT NOT NULL,
            addresses TEXT NOT NULL,
            metadata TEXT NOT NULL,
            revision INTEGER NOT NULL,
            ttl INTEGER NOT NULL,
            expires INTEGER NOT NULL,
            PRIMARY KEY (service, id)
        ) WITHOUT ROWID;
        CREATE TABLE changes (
            service TEXT NOT NULL PRIMARY KEY,
            revision INTEGER NOT NULL
        ) WITHOUT ROWID;
        INSERT INTO changes (service, revision) VALUES ('', 0);
        """;

    public static SqliteSchema Schema { get; } = new(Registry);
}
