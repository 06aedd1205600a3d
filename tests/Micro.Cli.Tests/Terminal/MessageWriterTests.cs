using System.Text;
using Micro.Cli.Terminal;
using Micro.Codecs;

namespace Micro.Cli.Tests.Terminal;

public sealed class MessageWriterTests
{
    [Fact]
    public void Programs_get_one_compact_document_a_line() =>
        Assert.Equal("{\"a\":1.50,\"b\":[\"ä\"]}\n", Write("{ \"a\" : 1.50,\n \"b\": [\"ä\"] }", compact: true));

    [Fact]
    public void People_get_it_indented() => Assert.Equal("{\n  \"a\": 1\n}\n", Write("{\"a\":1}", compact: false));

    [Fact]
    public void Control_characters_stay_escaped() => Assert.Equal("\"\\u001B[31m\\u009B\"\n", Write("\"\\u001b[31m\u009b\"", compact: false));

    [Fact]
    public void What_is_not_JSON_is_a_fault_of_the_service() =>
        Assert.Equal(CallStatusCode.Internal, Assert.Throws<CallException>(() => Write("oops", compact: true)).Code);

    private static string Write(string message, bool compact)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var console = new ToolConsole(TextReader.Null, output, TextWriter.Null);
        new MessageWriter(console, compact).Write(new RawMessage(Encoding.UTF8.GetBytes(message)));
        return output.ToString();
    }
}
