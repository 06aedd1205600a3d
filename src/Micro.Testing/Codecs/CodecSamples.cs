using CsCheck;

namespace Micro.Testing.Codecs;

/// <summary>Values of <see cref="CodecSample"/>, and when two are the same.</summary>
public static class CodecSamples
{
    private static readonly Gen<string> Text = Gen.OneOf(HostileBytes.OneOf([.. HostileBytes.Texts.Where(text => text.Length < 100)]), Gen.String[0, 12])
        .Where(text => !HostileBytes.HasLoneSurrogate(text));

    private static readonly Gen<DateTime> Time = Gen.Select(Gen.Long[DateTime.MinValue.AddDays(2).Ticks, DateTime.MaxValue.AddDays(-2).Ticks], Gen.Enum<DateTimeKind>())
        .Select((ticks, kind) => new DateTime(ticks, kind));

    /// <summary>Random samples, nested up to two deep.</summary>
    /// <param name="nonFinite">Whether floats may be NaN and infinite, which some formats do not have.</param>
    /// <param name="absent">Whether absent and empty members may differ, which some formats cannot tell apart.</param>
    public static Gen<CodecSample> Any(bool nonFinite, bool absent = true) => Nested(nonFinite, absent, 2);

    /// <summary>Samples at the edges; the first has every member set.</summary>
    /// <param name="nonFinite">Whether floats may be NaN and infinite.</param>
    /// <param name="absent">Whether absent and empty members may differ.</param>
    public static IReadOnlyList<CodecSample> Edges(bool nonFinite, bool absent = true)
    {
        List<CodecSample> edges = [Full, Full with { Child = Full, Children = [Full, new()] }, new(), Smallest, Largest];
        edges.AddRange(new[] { -0.0, double.Epsilon, 0.1, 1e300, 9007199254740993 }.Select(value => new CodecSample { Double = value, Single = (float)Math.Min(value, 1e30) }));
        edges.AddRange(new[] { 9007199254740993, -9007199254740993, long.MaxValue - 1, 1L << 32 }.Select(value => new CodecSample { Long = value, Huge = (ulong)Math.Abs(value) }));
        edges.AddRange(Enum.GetValues<DateTimeKind>().Select(kind => new CodecSample { Time = new DateTime(2024, 2, 29, 23, 59, 59, 999, kind).AddTicks(9999) }));
        edges.AddRange(HostileBytes.Texts.Select(text => new CodecSample { Text = text, Texts = [text, ""], ByName = text.Length == 0 ? null : new() { [text] = 1 } }));
        edges.AddRange(new[] { 'a', '\0', '"', '\uffff', 'é' }.Select(letter => new CodecSample { Letter = letter }));
        if (nonFinite)
        {
            edges.AddRange(new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity }.Select(value => new CodecSample { Double = value, Single = (float)value }));
        }

        if (absent)
        {
            edges.Add(new CodecSample { Text = "", Blob = [], Numbers = [], Texts = [], ByName = [], Children = [] });
        }

        return absent ? edges : [.. edges.Where(edge => edge.ByName?.Keys.Any(key => key.AsSpan().ContainsAny('[', ']')) != true)];
    }

    /// <summary>Whether two samples are the same to the bit: kinds of times, signs of zeros and absent members count.</summary>
    public static bool AreEqual(CodecSample? left, CodecSample? right)
    {
        if (left is null || right is null)
        {
            return left is null && right is null;
        }

        // What compares by reference or too kindly is compared here, the rest by the record's own equality.
        return Same(left.Blob, right.Blob)
            && Same(left.Numbers, right.Numbers)
            && Same(left.Texts, right.Texts)
            && Same(left.ByName?.OrderBy(pair => pair.Key, StringComparer.Ordinal), right.ByName?.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            && (left.Children is null == right.Children is null)
            && (left.Children ?? []).Count == (right.Children ?? []).Count
            && (left.Children ?? []).Zip(right.Children ?? []).All(pair => AreEqual(pair.First, pair.Second))
            && AreEqual(left.Child, right.Child)
            && left.Time.Kind == right.Time.Kind
            && left.Moment.Offset == right.Moment.Offset
            && BitConverter.DoubleToInt64Bits(left.Double) == BitConverter.DoubleToInt64Bits(right.Double)
            && BitConverter.SingleToInt32Bits(left.Single) == BitConverter.SingleToInt32Bits(right.Single)
            && Plain(left) == Plain(right);
    }

    private static CodecSample Full => new()
    {
        Flag = true, Tiny = 200, Small = -300, Count = 70_000, Size = 3_000_000_000, Long = -5_000_000_000, Huge = 10_000_000_000_000_000_000, Single = 1.5f, Double = -2.25,
        Price = 19.90m, Letter = 'é', Text = "tea & cake", Blob = [0, 255, 128], Time = new DateTime(2025, 6, 7, 8, 9, 10, DateTimeKind.Utc),
        Moment = new DateTimeOffset(2025, 6, 7, 8, 9, 10, TimeSpan.FromHours(2)), Span = TimeSpan.FromTicks(-12345), Day = new DateOnly(2025, 6, 7), Clock = new TimeOnly(8, 9, 10),
        Id = new Guid("00112233-4455-6677-8899-aabbccddeeff"), Weekday = DayOfWeek.Saturday, Maybe = 0, Numbers = [1, -1, 0], Texts = ["a", "b c"],
        ByName = new() { ["one"] = 1, ["deux.trois"] = -23 }, Child = new() { Text = "child" }, Children = [new() { Count = 1 }, new() { Count = 2 }],
    };

    private static CodecSample Smallest => new()
    {
        Small = short.MinValue, Count = int.MinValue, Long = long.MinValue, Single = float.MinValue, Double = double.MinValue, Price = decimal.MinValue,
        Time = DateTime.MinValue, Moment = DateTimeOffset.MinValue, Span = TimeSpan.MinValue, Maybe = int.MinValue, Numbers = [int.MinValue],
    };

    private static CodecSample Largest => new()
    {
        Tiny = byte.MaxValue, Small = short.MaxValue, Count = int.MaxValue, Size = uint.MaxValue, Long = long.MaxValue, Huge = ulong.MaxValue, Single = float.MaxValue,
        Double = double.MaxValue, Price = decimal.MaxValue, Time = DateTime.MaxValue, Moment = DateTimeOffset.MaxValue, Span = TimeSpan.MaxValue,
        Day = DateOnly.MaxValue, Clock = TimeOnly.MaxValue, Weekday = DayOfWeek.Saturday, Maybe = int.MaxValue, Numbers = [int.MaxValue],
    };

    private static Gen<CodecSample> Nested(bool nonFinite, bool absent, int depth)
    {
        var doubles = nonFinite ? Gen.Double : Gen.Double.Where(double.IsFinite);
        var singles = nonFinite ? Gen.Single : Gen.Single.Where(float.IsFinite);
        var least = absent ? 0 : 1;
        var numbers = Gen.Select(Gen.Long, Gen.ULong, doubles, singles, Gen.Decimal, Gen.Int, Gen.UInt, Gen.Short);
        var times = Gen.Select(Time, Gen.TimeSpan, Gen.Int[-14 * 60, 14 * 60], Gen.Guid, Gen.Enum<DayOfWeek>());
        var parts = Gen.Select(Text.Null(), Gen.Byte.Array[least, 20].Null(), Gen.Int.Array[least, 5].Null(), Text.List[least, 4].Null(), Names(least).Null());
        var child = depth == 0 ? Gen.Const((CodecSample?)null) : Nested(nonFinite, absent, depth - 1).Null(0.5)!;
        return Gen.Select(numbers, times, parts, child, Gen.Int.Nullable(), Gen.Bool).Select((number, time, part, inner, maybe, flag) => new CodecSample
        {
            Flag = flag, Tiny = (byte)number.Item6, Small = number.Item8, Count = number.Item6, Size = number.Item7, Long = number.Item1, Huge = number.Item2,
            Single = number.Item4, Double = number.Item3, Price = number.Item5, Letter = (char)('a' + (number.Item7 % 26)), Text = part.Item1, Blob = part.Item2,
            Time = time.Item1, Moment = new DateTimeOffset(time.Item1.Ticks, TimeSpan.FromMinutes(time.Item3)), Span = time.Item2, Day = DateOnly.FromDateTime(time.Item1),
            Clock = TimeOnly.FromDateTime(time.Item1), Id = time.Item4, Weekday = time.Item5, Maybe = maybe, Numbers = part.Item3, Texts = part.Item4, ByName = part.Item5,
            Child = inner, Children = inner is null ? null : [inner with { Child = null, Children = null }],
        });
    }

    private static Gen<Dictionary<string, long>> Names(int least) => Gen.Dictionary(Gen.String[Gen.Char.AlphaNumeric, 1, 8], Gen.Long)[least, 4];

    private static bool Same<TItem>(IEnumerable<TItem>? left, IEnumerable<TItem>? right) =>
        left is null || right is null ? left is null && right is null : left.SequenceEqual(right);

    private static CodecSample Plain(CodecSample sample) =>
        sample with { Blob = null, Numbers = null, Texts = null, ByName = null, Child = null, Children = null, Single = 0, Double = 0 };
}
