using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;
using Micro.Transport.Http;

namespace Micro.Tests.Transport.Http;

public sealed class ProblemJsonTests
{
    private static readonly Gen<string> Text = Gen.String[Gen.OneOf(Gen.Char[' ', '~'], Gen.Char['\0', ' '], Gen.Char['\u00a0', '\ud7ff'], Gen.Const('"'), Gen.Const('\\')), 0, 200];

    private static readonly Gen<CallStatus> Statuses = Gen.Select(
        Gen.Int[1, 16], Text, Gen.Select(Text, Gen.Byte.Array[0, 40], (type, value) => new CallErrorDetail(type, value)).List[0, 4], Gen.Bool,
        (code, message, details, notProcessed) => new CallStatus((CallStatusCode)code, message, details, notProcessed));

    [Fact]
    public void E01_Any_failure_survives_the_round_trip() => Statuses.Sample(status =>
        ProblemJson.Read(Write(status), HttpStatusMapping.ToHttp(status.Code)).Equals(status));

    [Fact]
    public void E02_Plain_text_becomes_the_message()
    {
        var status = ProblemJson.Read("the disk is full\n"u8, 503);

        Assert.Equal(new CallStatus(CallStatusCode.Unavailable, "the disk is full"), status);
    }

    [Fact]
    public void E05_A_problem_names_status_title_and_code()
    {
        foreach (var (code, http, title) in new[] { (CallStatusCode.NotFound, 404, "Not found"), (CallStatusCode.Unimplemented, 501, "Unimplemented"), (CallStatusCode.ResourceExhausted, 429, "Resource exhausted") })
        {
            using var problem = JsonDocument.Parse(Write(new CallStatus(code, "What happened.")));
            Assert.Equal(http, problem.RootElement.GetProperty("status").GetInt32());
            Assert.Equal(title, problem.RootElement.GetProperty("title").GetString());
            Assert.Equal(HttpStatusMapping.NameOf(code), problem.RootElement.GetProperty("code").GetString());
            Assert.Equal("What happened.", problem.RootElement.GetProperty("detail").GetString());
            Assert.Equal("maybe", problem.RootElement.GetProperty("executed").GetString());
        }
    }

    [Fact]
    public void E07_Quotes_line_breaks_unicode_and_even_half_a_character_are_written_as_JSON()
    {
        foreach (var text in new[] { "say \"hi\"\r\n\t\\", "漢字 🚀 \u2028", "\0\u001f" })
        {
            Assert.Equal(text, ProblemJson.Read(Write(new CallStatus(CallStatusCode.Internal, text)), 500).Message);
        }

        Assert.Equal("half \ufffd", ProblemJson.Read(Write(new CallStatus(CallStatusCode.Internal, "half \ud83d")), 500).Message);
    }

    [Fact]
    public void TRN_11_Any_bytes_are_read_as_some_failure() => Gen.Select(Gen.Byte.Array[0, 60], Gen.Int[100, 599]).Sample((bytes, http) =>
    {
        var status = ProblemJson.Read(bytes, http);
        return status.Code is not CallStatusCode.Ok && !status.NotProcessed;
    });

    [Fact]
    public void TRN_11_A_foreign_or_broken_problem_is_read_as_far_as_it_goes()
    {
        Assert.Equal(
            new CallStatus(CallStatusCode.PermissionDenied, "No entry"), ProblemJson.Read("""{"type":"about:blank","title":"No entry","status":403}"""u8, 403));
        Assert.Equal(CallStatusCode.Unavailable, ProblemJson.Read("""{"code":"NO_SUCH_CODE","detail":5,"details":{}}"""u8, 502).Code);
        Assert.Equal(CallStatusCode.Unknown, ProblemJson.Read("[1,2]"u8, 500).Code);
        Assert.Equal(CallStatusCode.Aborted, ProblemJson.Read("""{"code":"ABORTED","detail":"\ud800"}"""u8, 409).Code);
        var broken = ProblemJson.Read("""{"code":"ABORTED","details":[1,{"@type":"a/b","value":"***"},{"value":""},{"@type":"c/d","value":"AQ=="}]}"""u8, 409);
        Assert.Equal([new("a/b", default), new("c/d", new byte[] { 1 })], broken.Details);
    }

    [Fact]
    public void LB_3_Only_a_clear_no_means_not_processed()
    {
        Assert.True(ProblemJson.Read("""{"code":"UNAVAILABLE","executed":"no"}"""u8, 503).NotProcessed);
        foreach (var text in new[] { """{"code":"UNAVAILABLE"}""", """{"code":"UNAVAILABLE","executed":"maybe"}""", """{"code":"UNAVAILABLE","executed":false}""", "no" })
        {
            Assert.False(ProblemJson.Read(Encoding.UTF8.GetBytes(text), 503).NotProcessed, text);
        }
    }

    private static byte[] Write(CallStatus status)
    {
        var writer = new ArrayBufferWriter<byte>();
        ProblemJson.Write(writer, status, HttpStatusMapping.ToHttp(status.Code));
        return writer.WrittenSpan.ToArray();
    }
}
