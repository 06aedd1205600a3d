using CsCheck;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Micro.Testing.Codecs;

namespace Micro.Grpc.Tests.Codecs;

/// <summary>Values of <see cref="Everything"/>.</summary>
internal static class Samples
{
    /// <summary>The message protoc was given to make <see cref="ProtocBytes"/>.</summary>
    public static Everything Full => new()
    {
        DoubleValue = -0.5, FloatValue = 1.5f, Int32Value = -1, Int64Value = 9007199254740993, Uint32Value = uint.MaxValue, Uint64Value = ulong.MaxValue, Sint32Value = -2,
        Sint64Value = long.MinValue, Fixed32Value = 1, Fixed64Value = 2, Sfixed32Value = -1, Sfixed64Value = -2, Flag = true, Text = "hällo \U0001f600",
        Blob = ByteString.CopyFrom(0, 255), Colour = Colour.Green, Numbers = { 1, -1, 300 }, Texts = { "a", "" }, ByName = { ["one"] = 1 }, Child = new() { Text = "inner" },
        Children = { new Everything { Int32Value = 1 }, new Everything() }, Maybe = 0, MaybeText = "", TextChoice = "t",
        Moment = new Timestamp { Seconds = 1700000000, Nanos = 123456789 }, Span = new Duration { Seconds = -1, Nanos = -500000000 }, Wrapped = "",
        Mask = new FieldMask { Paths = { "foo.bar_baz", "h" } }, CustomName = "c",
    };

    /// <summary>What <c>protoc --encode=micro.tests.Everything</c> (libprotoc 35.1) makes of the text form of <see cref="Full"/>.</summary>
    public const string ProtocBytes =
        "09000000000000E0BF150000C03F18FFFFFFFFFFFFFFFFFF0120818080808080801028FFFFFFFF0F30FFFFFFFFFFFFFFFFFF01380340FFFFFFFFFFFFFFFFFF014D0100000051020000000000000"
        + "05DFFFFFFFF61FEFFFFFFFFFFFFFF6801720B68C3A46C6C6F20F09F98807A0200FF8001028A010D01FFFFFFFFFFFFFFFFFF01AC02920101619201009A01070A036F6E651001A201077205696E6E6572"
        + "AA01021801AA0100B00100BA0100CA010174D2010B0880E2CFAA0610959AEF3ADA011608FFFFFFFFFFFFFFFFFF011080B6CA91FEFFFFFFFF01E20100FA01100A0B666F6F2E6261725F62617A0A01"
        + "688A020163";

    public static IReadOnlyList<Everything> Edges =>
    [
        Full,
        new() { Child = Full, Children = { Full, new Everything() } },
        new(),
        new() { DoubleValue = double.NaN, FloatValue = float.NaN },
        new() { DoubleValue = double.PositiveInfinity, FloatValue = float.NegativeInfinity },
        new() { DoubleValue = double.Epsilon, FloatValue = float.MaxValue },
        new() { Int32Value = int.MinValue, Int64Value = long.MinValue, Sint32Value = int.MinValue, Sfixed32Value = int.MinValue, Sfixed64Value = long.MinValue },
        new() { Int32Value = int.MaxValue, Int64Value = long.MaxValue, Uint64Value = ulong.MaxValue, Fixed32Value = uint.MaxValue, Fixed64Value = ulong.MaxValue },
        new() { Moment = DateTime.MinValue.ToUniversalTime().ToTimestamp(), Span = new Duration { Seconds = 315_576_000_000 } },
        new() { MaybeText = "x", Maybe = 1, MaybeBlob = ByteString.Empty, NumberChoice = 0 },
        new() { Colour = (Colour)77 },
        new() { Structure = Struct.Parser.ParseJson("""{"a":[1,null,{"b":"c"}],"d":true}""") },
        new() { Text = "\ufffd", Texts = { "\ufffd\ufeff\0" } },
        new() { ByName = { [""] = 0, ["\U0001f600"] = long.MinValue } },
    ];

    public static Gen<Everything> Any { get; } = CodecSamples.Any(nonFinite: true).Select(From);

    /// <summary>A sample as a protobuf message; what protobuf cannot say (kinds of times, null lists) is left out, and so is the sign of zero, which
    /// the library drops from fields without presence.</summary>
    public static Everything From(CodecSample sample)
    {
        var message = new Everything
        {
            DoubleValue = sample.Double + 0.0, FloatValue = sample.Single + 0.0f, Int32Value = sample.Count, Int64Value = sample.Long, Uint32Value = sample.Size, Uint64Value = sample.Huge,
            Sint32Value = sample.Small, Fixed32Value = sample.Tiny, Flag = sample.Flag, Numbers = { sample.Numbers ?? [] }, Texts = { sample.Texts ?? [] },
            Child = sample.Child is null ? null : From(sample.Child), Children = { (sample.Children ?? []).Select(From) }, Colour = (Colour)sample.Weekday,
        };
        message.ByName.Add(sample.ByName ?? []);
        if (sample.Text is not null)
        {
            message.MaybeText = sample.Text;
        }

        if (sample.Blob is not null)
        {
            message.MaybeBlob = ByteString.CopyFrom(sample.Blob);
        }

        if (sample.Maybe is { } maybe)
        {
            message.Maybe = maybe;
        }

        return message;
    }

    /// <summary>The way back; empty lists are null.</summary>
    public static CodecSample To(Everything message) => new()
    {
        Double = message.DoubleValue, Single = message.FloatValue, Count = message.Int32Value, Long = message.Int64Value, Size = message.Uint32Value, Huge = message.Uint64Value,
        Small = (short)message.Sint32Value, Tiny = (byte)message.Fixed32Value, Flag = message.Flag, Weekday = (DayOfWeek)message.Colour,
        Numbers = message.Numbers.Count > 0 ? [.. message.Numbers] : null, Texts = message.Texts.Count > 0 ? [.. message.Texts] : null,
        ByName = message.ByName.Count > 0 ? new(message.ByName) : null, Child = message.Child is null ? null : To(message.Child),
        Children = message.Children.Count > 0 ? [.. message.Children.Select(To)] : null, Text = message.HasMaybeText ? message.MaybeText : null,
        Blob = message.HasMaybeBlob ? message.MaybeBlob.ToByteArray() : null, Maybe = message.HasMaybe ? message.Maybe : null,
    };
}
