namespace Micro.Transport;

/// <summary>Outcome of a unary call.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Message">The response, to be disposed by the receiver; null unless the call succeeded.</param>
/// <param name="Headers">The server's headers; null when there were none, or nobody wanted them.</param>
public readonly record struct UnaryReply(CallEnd End, CallMessage? Message = null, CallHeaders? Headers = null);
