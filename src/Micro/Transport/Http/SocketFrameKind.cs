namespace Micro.Transport.Http;

internal enum SocketFrameKind
{
    /// <summary>A binary frame, perhaps empty: a message.</summary>
    Binary,

    /// <summary>A text frame that is not empty: a message where messages are JSON.</summary>
    Text,

    /// <summary>An empty text frame.</summary>
    HalfClose,

    /// <summary>The server's headers.</summary>
    Headers,

    /// <summary>The server's outcome.</summary>
    Status,

    /// <summary>The peer closed the WebSocket.</summary>
    Closed,

    /// <summary>The connection was lost or cancelled, or the frame was above the limit.</summary>
    Failed,
}
