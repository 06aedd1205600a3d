using Micro.Codecs;

namespace Micro.Tests.Codecs;

public sealed class ContentTypesTests
{
    [Theory]
    [InlineData("application/json; charset=utf-8", "application/json")]
    [InlineData("application/json;charset=UTF-8", "application/json")]
    [InlineData("application/json ; charset=\"utf-8\"", "application/json")]
    [InlineData("text/plain; format=flowed; CharSet = utf8", "text/plain")]
    [InlineData("application/json;", "application/json")]
    [InlineData("multipart/form-data; boundary=x", "multipart/form-data")]
    public void E23_Parameters_are_stripped(string header, string expected)
    {
        Assert.True(ContentTypes.TryParse(header, out var contentType));
        Assert.Equal(expected, contentType);
    }

    [Theory]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=iso-8859-1")]
    [InlineData("text/plain; a=b; charset=\"us-ascii\"")]
    [InlineData("text/plain; charset=")]
    [InlineData("text/plain; charset=utf-8; charset=utf-7")]
    public void COD_7_Other_charsets_than_UTF_8_are_refused(string header) => Assert.False(ContentTypes.TryParse(header, out _));

    [Theory]
    [InlineData("application/x-protobuf", ContentTypes.Protobuf)]
    [InlineData("application/vnd.google.protobuf", ContentTypes.Protobuf)]
    [InlineData("application/x-msgpack", ContentTypes.MessagePack)]
    [InlineData("Application/VND.msgpack ", ContentTypes.MessagePack)]
    [InlineData("text/json", ContentTypes.Json)]
    [InlineData("APPLICATION/JSON", ContentTypes.Json)]
    [InlineData("application/x-www-form-urlencoded", ContentTypes.Form)]
    [InlineData("application/octet-stream", ContentTypes.Bytes)]
    [InlineData("application/xml", "application/xml")]
    public void E23_Names_that_mean_the_same_are_one(string header, string expected)
    {
        Assert.True(ContentTypes.TryParse(header, out var contentType));
        Assert.Equal(expected, contentType);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void COD_7_No_header_is_no_content_type_and_never_guessed(string? header)
    {
        Assert.True(ContentTypes.TryParse(header, out var contentType));
        Assert.Equal("", contentType);
    }
}
