namespace Micro.Sqlite.Engine;

/// <summary>The versions of a file's content: step n takes a file from version n to n + 1 in one transaction.</summary>
internal sealed class SqliteSchema(params string[] steps)
{
    /// <summary>Version this program writes, kept in <c>PRAGMA user_version</c>.</summary>
    public int Version => steps.Length;

    public string Step(int from) => steps[from];
}
