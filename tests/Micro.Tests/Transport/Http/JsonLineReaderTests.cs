using System.Text;
using CsCheck;
using Micro.Transport.Http;

namespace Micro.Tests.Transport.Http;

public sealed class JsonLineReaderTests
{
    [Fact]
    public void TRN_3_Lines_come_whole_and_in_order_however_the_bytes_are_cut() =>
        Gen.Select(Gen.Int[0, 40_000].List[1, 12], Gen.Int[1, 30_000]).Sample((lengths, cut) =>
        {
            var lines = lengths.Select((length, index) => new string((char)('a' + index), length)).ToList();
            using var reader = new JsonLineReader(new CutStream(string.Concat(lines.Select(line => line + "\n")), cut), 40_000);
            foreach (var line in lines)
            {
                Assert.Equal(line, Text(reader));
            }

            Assert.Null(Text(reader));
            Assert.False(reader.TooLong);
        }, iter: 50);

    [Fact]
    public void V23_A_line_above_the_limit_ends_reading_without_its_rest()
    {
        var stream = new CutStream(new string('a', 10_000_000), 8192);
        using var reader = new JsonLineReader(stream, 100_000);

        Assert.Null(Text(reader));
        Assert.True(reader.TooLong);
        Assert.InRange(stream.Position, 100_000, 300_000);
    }

    [Fact]
    public void TRN_2_A_last_line_without_an_end_is_dropped()
    {
        using var reader = new JsonLineReader(new CutStream("whole\nhalf", 3), 100);

        Assert.Equal("whole", Text(reader));
        Assert.Null(Text(reader));
    }

    private static string? Text(JsonLineReader reader)
    {
        var line = reader.ReadAsync(TestContext.Current.CancellationToken);
        Assert.True(line.IsCompleted);
        return line.GetAwaiter().GetResult() is { } bytes ? Encoding.ASCII.GetString(bytes.Span) : null;
    }

    private sealed class CutStream(string text, int cut) : MemoryStream(Encoding.ASCII.GetBytes(text))
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(cut, buffer.Length)], cancellationToken);
    }
}
