namespace Micro.Transport.Http;

/// <summary>One frame of subprotocol <c>micro.v1</c> as it came, or why none comes any more.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Message">The message, owned by whoever takes the frame.</param>
/// <param name="End">The outcome that a status frame carries or a failure means.</param>
/// <param name="Headers">Headers that a headers frame carries.</param>
internal readonly record struct SocketFrame(SocketFrameKind Kind, CallMessage? Message = null, CallEnd? End = null, CallHeaders? Headers = null);
