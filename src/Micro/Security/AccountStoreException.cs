namespace Micro.Security;

/// <summary>Accounts cannot be read or written. The message says where and what to do, and holds no secret.</summary>
public sealed class AccountStoreException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong and what to do.</param>
    /// <param name="innerException">The cause, or null.</param>
    public AccountStoreException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
