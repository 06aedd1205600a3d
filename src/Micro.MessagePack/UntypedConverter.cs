using Nerdbank.MessagePack;

namespace Micro.MessagePack;

/// <summary>Refuses members declared as <see cref="object"/>: the library would write them as empty maps, and a payload must not choose their type.</summary>
internal sealed class UntypedConverter : MessagePackConverter<object>
{
    private const string Refusal = "A member declared as object has no MessagePack form; declare its type, or a union with [DerivedTypeShape].";

    public override object? Read(ref MessagePackReader reader, SerializationContext context) =>
        reader.TryReadNil() ? null : throw new NotSupportedException(Refusal);

    public override void Write(ref MessagePackWriter writer, in object? value, SerializationContext context)
    {
        if (value is not null)
        {
            throw new NotSupportedException(Refusal);
        }

        writer.WriteNil();
    }
}
