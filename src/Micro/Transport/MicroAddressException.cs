namespace Micro.Transport;

/// <summary>An address cannot be used: the message names it, says what is wrong and what to change.</summary>
public sealed class MicroAddressException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="address">The address.</param>
    /// <param name="reason">Follows the address in the sentence, e.g. <c>is in use</c>.</param>
    /// <param name="innerException">The cause.</param>
    public MicroAddressException(Uri? address, string reason, Exception? innerException = null)
        : base($"The address '{address}' {reason}.", innerException) => Address = address;

    /// <summary>The address.</summary>
    public Uri? Address { get; }
}
