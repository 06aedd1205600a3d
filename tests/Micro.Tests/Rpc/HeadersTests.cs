using Micro.Rpc;
using Micro.Tests.Support;

namespace Micro.Tests.Rpc;

/// <summary>Headers as a value and on their way.</summary>
public sealed class HeadersTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void E10_Names_are_lower_case_and_found_in_any()
    {
        var headers = new CallHeaders().Add("X-Tenant", "a").Add("x-TENANT", "b");
        Assert.Equal(["x-tenant", "x-tenant"], headers.Select(header => header.Key));
        Assert.Equal("a", headers["X-TENANT"]);
        Assert.Equal(["a", "b"], headers.GetAll("x-Tenant"));
        Assert.True(headers.Contains("X-tenant"));
        Assert.Null(headers["x-other"]);
        Assert.True(headers.Remove("X-Tenant"));
        Assert.False(headers.Remove("X-Tenant"));
        Assert.Empty(headers);
    }

    [Fact]
    public void E10_Setting_replaces_all_values_and_null_removes_them()
    {
        var headers = new CallHeaders().Add("a", "1").Add("b", "2").Add("a", "3");
        headers["A"] = "4";
        Assert.Equal([new("b", "2"), new("a", "4")], headers);
        headers["a"] = null;
        Assert.Equal([new KeyValuePair<string, string>("b", "2")], headers);
        Assert.Equal(new("b", "2"), headers[0]);
    }

    [Fact]
    public void E10_A_value_that_is_refused_leaves_the_old_one()
    {
        var headers = new CallHeaders().Add("a", "1");
        Assert.Throws<ArgumentException>(() => headers["a"] = "x\r\ny");
        Assert.Equal("1", headers["a"]);
    }

    [Fact]
    public void E11_A_copy_is_independent()
    {
        var headers = new CallHeaders().Add("a", "1");
        var copy = headers.Copy();
        copy.Add("b", "2");
        headers["a"] = "3";
        Assert.Equal([new KeyValuePair<string, string>("a", "3")], headers);
        Assert.Equal([new("a", "1"), new("b", "2")], copy);
        Assert.Empty(new CallHeaders().Copy());
    }

    [Fact]
    public void E14_Merging_overwrites_or_keeps()
    {
        var other = new CallHeaders().Add("a", "new").Add("a", "newer").Add("b", "2");
        Assert.Equal([new("c", "3"), new("a", "new"), new("a", "newer"), new("b", "2")], new CallHeaders().Add("a", "old").Add("c", "3").Merge(other));
        Assert.Equal([new("a", "old"), new("b", "2")], new CallHeaders().Add("a", "old").Merge(other, overwrite: false));
        Assert.Equal([new("a", "new"), new("a", "newer"), new("b", "2")], new CallHeaders().Merge(other, overwrite: false));
        Assert.Equal(3, other.Merge(other).Merge(null).Count);
        Assert.Equal(3, other.Count);
    }

    [Theory]
    [InlineData(":path")]
    [InlineData("grpc-timeout")]
    [InlineData("GRPC-status")]
    [InlineData("micro-executed")]
    [InlineData("Content-Type")]
    [InlineData("te")]
    [InlineData("host")]
    [InlineData("Connection")]
    [InlineData("transfer-encoding")]
    public void TRN_10_Reserved_names_cannot_be_set_nor_received(string name)
    {
        Assert.True(CallHeaders.IsReserved(name));
        Assert.ThrowsAny<ArgumentException>(() => new CallHeaders().Add(name, "x"));
        Assert.ThrowsAny<ArgumentException>(() => new CallHeaders()[name] = "x");
        var headers = new CallHeaders();
        Assert.False(headers.TryAddReceived(name, "x"));
        Assert.Empty(headers);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a:b")]
    [InlineData("a\r\nb")]
    [InlineData("ä")]
    public void TRN_10_A_name_is_letters_digits_and_a_few_marks(string name) =>
        Assert.ThrowsAny<ArgumentException>(() => new CallHeaders().Add(name, "x"));

    [Theory]
    [InlineData("a\rb")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("\u007f")]
    [InlineData("ü")]
    public void TRN_10_A_value_that_could_end_a_header_is_refused(string value)
    {
        var error = Assert.Throws<ArgumentException>(() => new CallHeaders().Add("x", value));
        Assert.Contains("-bin", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TRN_10_A_received_value_with_a_line_end_is_dropped()
    {
        var headers = new CallHeaders();
        Assert.False(headers.TryAddReceived("x", "a\r\nb"));
        Assert.False(headers.TryAddReceived("x", "a\0b"));
        Assert.True(headers.TryAddReceived("X-Plain", "a"));
        Assert.Equal("a", headers["x-plain"]);
    }

    [Fact]
    public void Bytes_travel_under_names_that_end_in_bin()
    {
        byte[] bytes = [0, 1, 254, 255];
        var headers = new CallHeaders().AddBinary("Trace-Bin", bytes);
        Assert.Equal(bytes, headers.GetBinary("trace-bin"));
        headers["trace-bin"] = headers["trace-bin"]!.TrimEnd('=');
        Assert.Equal(bytes, headers.GetBinary("trace-bin"));
        Assert.Null(headers.GetBinary("other-bin"));
        Assert.Throws<ArgumentException>(() => headers.AddBinary("trace", bytes));
        headers["bad-bin"] = "!!";
        Assert.Throws<FormatException>(() => headers.GetBinary("bad-bin"));
    }

    [Fact]
    public async Task E12_What_a_server_receives_is_not_what_it_answers_with_nor_what_it_sends_on()
    {
        await using var hosts = new ProbeHosts();
        var backend = new Probe();
        CallHeaders? atBackend = null;
        backend.OnCall = (_, context) =>
        {
            atBackend = context.RequestHeaders.Copy();
            return Task.FromResult(new ProbeReply("deep", 0));
        };
        await hosts.ServeAsync(backend);
        var inner = await hosts.ClientAsync();
        await using var front = new ProbeHosts();
        await front.ServeAsync(new Probe
        {
            OnCall = async (request, context) =>
            {
                Assert.Equal("secret", context.RequestHeaders["x-secret"]);
                Assert.Empty(context.ResponseHeaders);
                context.ResponseHeaders.Add("x-answer", "1");
                context.ResponseTrailers.Add("x-after", "2");
                return await inner.EchoAsync(request);
            },
        });
        var client = await front.ClientAsync();
        var headers = new CallHeaders().Add("X-Secret", "secret");
        var call = new CallContext(new CallOptions { Headers = headers }, Token);
        await client.WithContextAsync(new("x"), call);
        Assert.Empty(atBackend!);
        Assert.Equal([new KeyValuePair<string, string>("x-answer", "1")], call.ResponseHeaders);
        Assert.Equal([new KeyValuePair<string, string>("x-after", "2")], call.ResponseTrailers);
        Assert.Single(headers);
    }
}
