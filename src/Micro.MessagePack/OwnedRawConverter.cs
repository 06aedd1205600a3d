using Nerdbank.MessagePack;

namespace Micro.MessagePack;

/// <summary>Raw members as copies: the library would point into the payload, whose memory goes back to a pool.</summary>
internal sealed class OwnedRawConverter : MessagePackConverter<RawMessagePack>
{
    public override RawMessagePack Read(ref MessagePackReader reader, SerializationContext context) => new RawMessagePack(reader.ReadRaw(context)).ToOwned();

    public override void Write(ref MessagePackWriter writer, in RawMessagePack value, SerializationContext context) => writer.WriteRaw(value.MsgPack);
}
