using Micro.Tests.Support;

namespace Micro.Tests.Rpc;

/// <summary>Outcomes as values, as exceptions, and on the way through both pipelines.</summary>
public sealed class StatusTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task E01_Code_message_and_details_arrive_as_they_were_thrown()
    {
        await using var hosts = new ProbeHosts();
        var thrown = new CallStatus(
            CallStatusCode.FailedPrecondition, "not now", [new("type.googleapis.com/a.B", new byte[] { 1, 2, 0, 255 }), new("x", ReadOnlyMemory<byte>.Empty)]);
        await hosts.ServeAsync(new Probe { OnCall = (_, _) => throw new CallException(thrown) });
        var client = await hosts.ClientAsync();
        var error = await Assert.ThrowsAsync<CallException>(() => client.EchoAsync(new("x"), Token));
        Assert.Equal(thrown, error.Status);
        Assert.Equal(thrown.Details, error.Status.Details);
    }

    [Fact]
    public async Task E02_TRN_13_An_exception_of_a_handler_is_INTERNAL_without_its_text()
    {
        await using var hosts = new ProbeHosts();
        var log = new LogRecorder();
        await hosts.ServeAsync(
            new Probe { OnCall = (_, _) => throw new InvalidOperationException("password=secret at /home/me") }, micro => log.Join(micro));
        var client = await hosts.ClientAsync();
        var error = await Assert.ThrowsAsync<CallException>(() => client.EchoAsync(new("x"), Token));
        Assert.Equal(CallStatusCode.Internal, error.Code);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(error.Status.Details);
        Assert.Contains(log.Entries, entry => entry.Exception is InvalidOperationException && entry.Text.Contains("/probe.Probe/Echo", StringComparison.Ordinal));
    }

    [Fact]
    public void E03_Outcomes_are_equal_by_all_their_parts()
    {
        var one = new CallStatus(CallStatusCode.NotFound, "a", [new("t", new byte[] { 1 })]);
        Assert.Equal(one, new CallStatus(CallStatusCode.NotFound, "a", [new("t", new byte[] { 1 })]));
        Assert.Equal(one.GetHashCode(), new CallStatus(CallStatusCode.NotFound, "a", [new("t", new byte[] { 1 })]).GetHashCode());
        Assert.NotEqual(one, new CallStatus(CallStatusCode.Aborted, "a", one.Details));
        Assert.NotEqual(one, new CallStatus(CallStatusCode.NotFound, "b", one.Details));
        Assert.NotEqual(one, new CallStatus(CallStatusCode.NotFound, "a", [new("t", new byte[] { 2 })]));
        Assert.NotEqual(one, one.AsNotProcessed());
        Assert.Same(one.AsNotProcessed().Message, one.Message);
    }

    [Fact]
    public void E04_A_code_is_found_in_an_exception_and_in_those_it_wraps()
    {
        var error = new CallException(CallStatusCode.NotFound, "gone");
        Assert.True(CallException.CodeIn(error, CallStatusCode.NotFound));
        Assert.True(CallException.CodeIn(new IOException("outer", new IOException("middle", error)), CallStatusCode.Aborted, CallStatusCode.NotFound));
        Assert.False(CallException.CodeIn(error, CallStatusCode.Aborted));
        Assert.False(CallException.CodeIn(error));
        Assert.False(CallException.CodeIn(new IOException("none"), CallStatusCode.Unknown));
        Assert.False(CallException.CodeIn(null, CallStatusCode.Ok));
    }

    [Fact]
    public void E05_An_outcome_is_made_of_a_code_and_a_text_and_the_set_of_codes_is_closed()
    {
        var error = new CallException(CallStatusCode.AlreadyExists, "twice");
        Assert.Equal(CallStatusCode.AlreadyExists, error.Code);
        Assert.Equal("twice", error.Status.Message);
        Assert.Equal("AlreadyExists: twice", error.Message);
        Assert.Equal(CallStatusCode.Unknown, new CallStatus((CallStatusCode)17).Code);
        Assert.Equal(CallStatusCode.Unknown, new CallStatus((CallStatusCode)(-1)).Code);
        Assert.Equal(Enumerable.Range(0, 17), Enum.GetValues<CallStatusCode>().Select(code => (int)code));
        Assert.Throws<ArgumentException>(() => new CallException(CallStatus.Ok));
    }

    [Fact]
    public void E05_Unavailable_says_whether_it_may_have_executed()
    {
        Assert.EndsWith("(may have executed)", new CallException(CallStatusCode.Unavailable, "x").Message, StringComparison.Ordinal);
        Assert.EndsWith("(not processed)", new CallException(new CallStatus(CallStatusCode.Unavailable, "x", notProcessed: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void E06_The_outcome_is_found_in_wrapped_exceptions()
    {
        var status = new CallStatus(CallStatusCode.DataLoss, "rot");
        Assert.Same(status, CallException.StatusOf(new AggregateException(new CallException(status))));
        Assert.Same(status, CallException.StatusOf(new InvalidOperationException("wrapped", new CallException(status, new IOException("cause")))));
        Assert.Null(CallException.StatusOf(new IOException("plain")));
        Assert.Null(CallException.StatusOf(null));
    }

    [Theory]
    [InlineData("say \"no\" and 'never'")]
    [InlineData("line\nline\r\n\ttab")]
    [InlineData("ünïcødé ✓ 日本 🙂")]
    [InlineData("100 % %41 {json: \"x\"} \\ \u0001")]
    public async Task E07_Any_text_survives_the_way(string text)
    {
        await using var hosts = new ProbeHosts();
        await hosts.ServeAsync(new Probe { OnCall = (_, _) => throw new CallException(CallStatusCode.Aborted, text) });
        var client = await hosts.ClientAsync(options => options.MaxAttempts = 1);
        var error = await Assert.ThrowsAsync<CallException>(() => client.EchoAsync(new("x"), Token));
        Assert.Equal(text, error.Status.Message);
    }

    [Fact]
    public async Task The_outcome_of_a_call_further_down_is_passed_on_but_not_its_promise_that_nothing_ran()
    {
        await using var hosts = new ProbeHosts();
        var calls = 0;
        await hosts.ServeAsync(new Probe
        {
            OnCall = (_, _) =>
            {
                Interlocked.Increment(ref calls);
                throw new CallException(new CallStatus(CallStatusCode.Unavailable, "backend away", notProcessed: true));
            },
        });
        var client = await hosts.ClientAsync();
        var error = await Assert.ThrowsAsync<CallException>(() => client.EchoAsync(new("x"), Token));
        Assert.False(error.Status.NotProcessed);
        Assert.Equal(1, calls);
    }
}
