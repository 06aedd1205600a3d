namespace Micro.Security;

/// <summary>A certificate, key or trust bundle cannot be had or used. The message says which and what to do, and holds no key material.</summary>
public sealed class CredentialException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong and what to do.</param>
    /// <param name="innerException">The cause, or null.</param>
    public CredentialException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
