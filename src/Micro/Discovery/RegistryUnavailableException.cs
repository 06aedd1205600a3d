namespace Micro.Discovery;

/// <summary>A registry cannot be reached or read. The message names it and says what was wrong.</summary>
public sealed class RegistryUnavailableException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="registry">Which registry: its provider and where it is, without credentials.</param>
    /// <param name="reason">What was wrong and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public RegistryUnavailableException(string registry, string reason, Exception? innerException = null)
        : base($"The registry '{registry}' cannot be used: {reason}", innerException) => Registry = registry;

    /// <summary>Which registry.</summary>
    public string Registry { get; }
}
