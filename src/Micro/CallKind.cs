namespace Micro;

/// <summary>The four shapes a call can have. The numbers are not on the wire.</summary>
public enum CallKind
{
    /// <summary>One request, one response.</summary>
    Unary = 0,

    /// <summary>One request, a stream of responses.</summary>
    ServerStream = 1,

    /// <summary>A stream of requests, one response.</summary>
    ClientStream = 2,

    /// <summary>A stream each way, independent of each other.</summary>
    Duplex = 3,
}
