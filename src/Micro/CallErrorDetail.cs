namespace Micro;

/// <summary>
/// One machine-readable detail of an error: a type name and its bytes. Over gRPC it is a <c>google.protobuf.Any</c> in
/// <c>grpc-status-details-bin</c>; over HTTP an element of <c>details</c> with <c>@type</c> and base64 <c>value</c>.
/// The type never selects a CLR type: the reader compares it with what it knows.
/// </summary>
/// <param name="Type">Type URL, e.g. <c>type.googleapis.com/google.rpc.ErrorInfo</c>.</param>
/// <param name="Value">The encoded detail.</param>
public sealed record CallErrorDetail(string Type, ReadOnlyMemory<byte> Value)
{
    /// <summary>Details are equal when type and bytes are.</summary>
    public bool Equals(CallErrorDetail? other) =>
        other is not null && Type == other.Type && Value.Span.SequenceEqual(other.Value.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Value.Length);
}
