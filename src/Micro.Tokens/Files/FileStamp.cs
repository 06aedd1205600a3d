namespace Micro.Tokens.Files;

/// <summary>Tells one content of a file from the next; default when there is no file.</summary>
internal readonly record struct FileStamp(long WrittenTicks, long Length, int Mode);
