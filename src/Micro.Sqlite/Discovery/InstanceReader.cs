using Microsoft.Data.Sqlite;

namespace Micro.Sqlite.Discovery;

/// <summary>The row a look-up is at. Columns are fetched when asked for, because most rows of a look-up are known already.</summary>
internal readonly struct InstanceReader(string service, SqliteDataReader reader)
{
    public string Id => reader.GetString(0);

    public long Revision => reader.GetInt64(1);

    public long Expires => reader.GetInt64(2);

    public bool IsLive => reader.GetInt64(3) != 0;

    public InstanceRow Row() => new(service, Id, reader.GetString(4), reader.GetString(5), reader.GetString(6));
}
