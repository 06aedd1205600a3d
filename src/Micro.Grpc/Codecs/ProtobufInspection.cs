using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Micro.Grpc.Codecs;

/// <summary>Questions about messages that only their descriptors answer; slow, so asked where something gave cause to, or once for each type.</summary>
internal static class ProtobufInspection
{
    /// <summary>Whether a message of the type, or one inside it, has required fields (proto2 and editions).</summary>
    public static bool CanLackFields(MessageDescriptor type) => CanLackFields(type, []);

    /// <summary>Whether any text of the message, however deep, has a lone surrogate.</summary>
    public static bool HasLoneSurrogate(IMessage message)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (field.FieldType is FieldType.String or FieldType.Message or FieldType.Group && IsBroken(field.Accessor.GetValue(message)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool CanLackFields(MessageDescriptor type, HashSet<MessageDescriptor> seen) =>
        seen.Add(type) && type.Fields.InDeclarationOrder().Any(field =>
            field.IsRequired || (field.FieldType is FieldType.Message or FieldType.Group && CanLackFields(field.MessageType, seen)));

    private static bool IsBroken(object? value) => value switch
    {
        string text => IsBrokenText(text),
        IMessage message => HasLoneSurrogate(message),
        IDictionary map => map.Keys.Cast<object>().Any(IsBroken) || map.Values.Cast<object>().Any(IsBroken),
        IList list => list.Cast<object>().Any(IsBroken),
        _ => false,
    };

    private static bool IsBrokenText(string text)
    {
        for (var at = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF'); at >= 0 && at < text.Length; at++)
        {
            if (char.IsSurrogate(text[at]) && (at + 1 == text.Length || !char.IsSurrogatePair(text[at], text[++at])))
            {
                return true;
            }
        }

        return false;
    }
}
