namespace Micro;

/// <summary>
/// Stands for "no message" where a method takes no request or gives no result. Encoded as <c>{}</c> in JSON and as nothing elsewhere,
/// which is what <c>google.protobuf.Empty</c> is on the wire.
/// </summary>
public readonly record struct NoMessage;
