using System.Buffers;
using System.Text;
using Micro.Transport;
using Micro.Transport.Http;

namespace Micro.Tests.Transport.Http;

public sealed class ControlFrameTests
{
    [Fact]
    public void E01_An_outcome_with_trailers_and_push_back_survives_as_one_line()
    {
        var end = new CallEnd(new CallStatus(CallStatusCode.OutOfRange, "two\nlines", [new("a/b", new byte[] { 9 })]), new CallHeaders().Add("x-a", "1").Add("x-b", "2").Add("x-a", "3"))
        {
            RetryPushback = TimeSpan.FromMilliseconds(-1),
        };
        var writer = new ArrayBufferWriter<byte>();
        ControlFrame.WriteStatus(writer, end);

        Assert.True(ControlFrame.IsStatus(writer.WrittenSpan));
        Assert.DoesNotContain((byte)'\n', writer.WrittenSpan.ToArray());
        var read = ControlFrame.ReadStatus(writer.WrittenSpan);
        Assert.Equal(end.Status, read.Status);
        Assert.Equal(end.RetryPushback, read.RetryPushback);
        Assert.Equal(["1", "3"], read.Trailers!.GetAll("x-a"));
        Assert.Equal("2", read.Trailers["x-b"]);
    }

    [Fact]
    public void TRN_11_A_status_that_cannot_be_read_is_UNKNOWN()
    {
        foreach (var text in new[] { "{\"$status\":", "{\"$status\":5}", "{\"$status\":{}}", "{\"$status\":{\"code\":\"WHAT\"}}", "{\"$status\":{\"code\":3}}" })
        {
            Assert.True(ControlFrame.IsStatus(Encoding.UTF8.GetBytes(text)));
            Assert.Equal(CallStatusCode.Unknown, ControlFrame.ReadStatus(Encoding.UTF8.GetBytes(text)).Status.Code);
        }
    }

    [Fact]
    public void TRN_10_Reserved_names_in_a_frame_are_dropped()
    {
        var headers = ControlFrame.ReadHeaders("""{"$headers":{"grpc-status":["0"],"x-ok":["a","b\nc",5],"micro-x":["1"],"x-no":"text"}}"""u8);

        Assert.Equal([KeyValuePair.Create("x-ok", "a")], headers);
    }
}
