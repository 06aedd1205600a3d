namespace Micro.Sqlite.Discovery;

/// <summary>What a run did to the row of a registration.</summary>
internal enum RowOutcome
{
    Written,
    Taken,
    Removed,
}
