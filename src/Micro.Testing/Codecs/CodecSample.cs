namespace Micro.Testing.Codecs;

/// <summary>A message with a member of each kind that contracts use: for codecs of plain records. Values come from <see cref="CodecSamples"/>.</summary>
public sealed record CodecSample
{
    /// <summary>Truth.</summary>
    public bool Flag { get; init; }

    /// <summary>8 bits.</summary>
    public byte Tiny { get; init; }

    /// <summary>16 bits.</summary>
    public short Small { get; init; }

    /// <summary>32 bits.</summary>
    public int Count { get; init; }

    /// <summary>32 bits without sign.</summary>
    public uint Size { get; init; }

    /// <summary>64 bits: not every value fits a double.</summary>
    public long Long { get; init; }

    /// <summary>64 bits without sign.</summary>
    public ulong Huge { get; init; }

    /// <summary>Single precision.</summary>
    public float Single { get; init; }

    /// <summary>Double precision.</summary>
    public double Double { get; init; }

    /// <summary>Money.</summary>
    public decimal Price { get; init; }

    /// <summary>One UTF-16 unit.</summary>
    public char Letter { get; init; } = 'x';

    /// <summary>Text, or none.</summary>
    public string? Text { get; init; }

    /// <summary>Bytes, or none.</summary>
    public byte[]? Blob { get; init; }

    /// <summary>A time of any kind.</summary>
    public DateTime Time { get; init; }

    /// <summary>A time with an offset.</summary>
    public DateTimeOffset Moment { get; init; }

    /// <summary>A span of time.</summary>
    public TimeSpan Span { get; init; }

    /// <summary>A day.</summary>
    public DateOnly Day { get; init; }

    /// <summary>A time of day.</summary>
    public TimeOnly Clock { get; init; }

    /// <summary>An id.</summary>
    public Guid Id { get; init; }

    /// <summary>One of a few.</summary>
    public DayOfWeek Weekday { get; init; }

    /// <summary>A number, or none.</summary>
    public int? Maybe { get; init; }

    /// <summary>Numbers, or none.</summary>
    public int[]? Numbers { get; init; }

    /// <summary>Texts, or none.</summary>
    public List<string>? Texts { get; init; }

    /// <summary>Numbers by name, or none.</summary>
    public Dictionary<string, long>? ByName { get; init; }

    /// <summary>A message inside, or none.</summary>
    public CodecSample? Child { get; init; }

    /// <summary>Messages inside, or none.</summary>
    public List<CodecSample>? Children { get; init; }
}
