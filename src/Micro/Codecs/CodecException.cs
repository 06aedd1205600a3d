namespace Micro.Codecs;

/// <summary>
/// Bytes are not a message of the expected type, or a value cannot be encoded. Reaches the peer as INVALID_ARGUMENT when it sent the bytes.
/// </summary>
public sealed class CodecException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">What is wrong and where; without the payload itself.</param>
    /// <param name="innerException">The error of the underlying library.</param>
    public CodecException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
