namespace Micro.Sqlite.Engine;

/// <summary>A file of the engine cannot be used; features translate it into the error of their contract.</summary>
internal sealed class SqliteFileException(string path, string reason, bool isBusy, Exception? innerException)
    : Exception($"{path}: {reason}", innerException)
{
    /// <summary>What is wrong and what to do, naming the file.</summary>
    public string Reason { get; } = $"{path} {reason}";

    /// <summary>Another process held it for too long; trying again is all it takes.</summary>
    public bool IsBusy { get; } = isBusy;
}
