using System.Text;
using System.Threading.Channels;

namespace Micro.Cli.Tests.Support;

/// <summary>An output whose lines can be waited for.</summary>
internal sealed class LineWatch : StringWriter
{
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    public override Encoding Encoding => Encoding.UTF8;

    public Task<string> NextAsync() => _lines.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Tool.Patience);

    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        Assert.True(_lines.Writer.TryWrite(value ?? ""));
    }
}
