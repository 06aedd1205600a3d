namespace Micro.Testing.Transport;

/// <summary>What a hostile client sends.</summary>
public enum HostileInput
{
    /// <summary>A message that claims to be as long as the framing can say (2 GB or more), of which nothing follows.</summary>
    LyingLength = 0,

    /// <summary>A message that ends before the length it claims, then the end of the socket's sending side.</summary>
    TruncatedMessage = 1,

    /// <summary>A deadline that is not one.</summary>
    MalformedTimeout = 2,

    /// <summary>A header ending in <c>-bin</c> that is not base64.</summary>
    MalformedBinaryHeader = 3,

    /// <summary>A message in a compression nobody knows.</summary>
    UnknownEncoding = 4,

    /// <summary>One header of 1 MB.</summary>
    HugeHeader = 5,
}
