using System.Globalization;
using Nerdbank.MessagePack;

namespace Micro.MessagePack;

/// <summary>
/// Times: UTC as the format's own timestamp, which every implementation reads; local and unspecified times, which a timestamp cannot express, as the text
/// JSON uses (ISO 8601 with seven decimals). All kinds come back as they were.
/// </summary>
internal sealed class PortableDateTimeConverter : MessagePackConverter<DateTime>
{
    public override DateTime Read(ref MessagePackReader reader, SerializationContext context) =>
        reader.NextMessagePackType == MessagePackType.String
            ? DateTime.ParseExact(reader.ReadString()!, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind)
            : reader.ReadDateTime();

    public override void Write(ref MessagePackWriter writer, in DateTime value, SerializationContext context)
    {
        if (value.Kind == DateTimeKind.Utc)
        {
            writer.Write(value);
        }
        else
        {
            writer.Write(value.ToString("O", CultureInfo.InvariantCulture));
        }
    }
}
