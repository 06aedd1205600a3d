namespace Micro.Hosting;

/// <summary>The home directory cannot be used. The message names it and says what to change.</summary>
public sealed class MicroHomeException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="reason">Follows the directory in the sentence, e.g. <c>belongs to another user</c>.</param>
    /// <param name="innerException">The cause.</param>
    public MicroHomeException(string path, string reason, Exception? innerException = null)
        : base($"The home directory '{path}' {reason}. Choose another one with Micro:Home or MICRO_HOME if need be.", innerException) => Path = path;

    /// <summary>The directory.</summary>
    public string Path { get; }
}
