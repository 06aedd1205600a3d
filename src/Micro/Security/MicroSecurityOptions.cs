namespace Micro.Security;

/// <summary>Options of <c>Micro:Security</c>.</summary>
public sealed class MicroSecurityOptions
{
    /// <summary>
    /// Allows plaintext listeners and calls, without any identity. Default false. Each start with it logs a warning. Only for one machine and for tests.
    /// </summary>
    public bool Insecure { get; set; }
}
