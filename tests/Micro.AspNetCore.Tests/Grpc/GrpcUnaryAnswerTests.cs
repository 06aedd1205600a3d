using System.Diagnostics;
using System.Globalization;
using Micro.AspNetCore.Tests.Support;
using Micro.Grpc;
using Micro.Rpc;
using Micro.Transport;

namespace Micro.AspNetCore.Tests.Grpc;

/// <summary>Answers that are odd and mean something all the same, and requests that have to mean what they say.</summary>
public sealed class GrpcUnaryAnswerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("503", "text/html")]
    [InlineData("404", "application/grpc")]
    [InlineData("200", "text/html")]
    public async Task TRN_11_A_status_in_the_headers_goes_before_what_HTTP_says(string http, string contentType)
    {
        await using var server = new RawHttp2Server((connection, stream, token) => connection.SendHeadersAsync(
            stream, [(":status", http), ("content-type", contentType), ("grpc-status", "8"), ("grpc-message", "too much")], end: true, token));
        foreach (var end in new[] { await GrpcClientTests.CallAsync(server.Address), await GrpcClientTests.StreamAsync(server.Address) })
        {
            Assert.Equal((CallStatusCode.ResourceExhausted, "too much"), (end.Status.Code, end.Status.Message));
        }
    }

    [Theory]
    [InlineData("grpc-status-details-bin", "%%%")]
    [InlineData("grpc-status-details-bin", "A")]
    [InlineData("x-data-bin", "%%%")]
    public async Task LB_11_What_cannot_be_read_beside_a_code_does_not_hide_it(string name, string value)
    {
        var end = await TrailersAsync(("grpc-status", "5"), ("grpc-message", "gone"), (name, value), ("x-own", "1"));
        Assert.Equal((CallStatusCode.NotFound, "gone"), (end.Status.Code, end.Status.Message));
        Assert.Equal("1", end.Trailers?["x-own"]);
    }

    [Theory]
    [InlineData("""{"id":"a","code":404,"status":"s","detail":"\ud800"}""")]
    [InlineData("""{"\ud800":"a","code":404,"status":"s","detail":"d"}""")]
    public async Task TRN_11_A_message_that_is_no_text_is_no_defect_of_the_client(string message)
    {
        var end = await TrailersAsync(("grpc-status", "5"), ("grpc-message", message));
        Assert.Equal((CallStatusCode.NotFound, message), (end.Status.Code, end.Status.Message));
    }

    [Theory]
    [InlineData("a.B", "C#d")]
    [InlineData("a.B", "../x")]
    [InlineData("a.B", "%2e%2e")]
    [InlineData("/evil.example", "C")]
    public void The_path_that_is_sent_is_the_one_that_is_meant(string contract, string method)
    {
        var spec = new CallSpec("greeter", contract, method, CallKind.Unary);
        var uri = new GrpcTargets(new Uri("http://10.0.0.7:81")).Of(spec);
        Assert.Equal(("10.0.0.7:81", spec.Path), (uri.Authority, uri.PathAndQuery));
    }

    [Theory]
    [InlineData("a.B", "C HTTP/1.1\r\nHost: x\r\n\r\nPOST /admin.Admin/Drop")]
    [InlineData("a.B\n", "C")]
    [InlineData("a.B", "C d")]
    [InlineData("a.B", "C\0")]
    public void TRN_10_A_name_does_not_carry_a_request_of_its_own(string contract, string method) =>
        Assert.Throws<ArgumentException>(() => new CallSpec("greeter", contract, method, CallKind.Unary));

    [Fact]
    public void TRN_10_A_trace_state_that_cannot_be_sent_does_not_fail_the_call()
    {
        using var activity = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).Start();
        activity.TraceStateString = "k=é";
        Assert.Null(ClientCall.Outgoing(GrpcClientTests.Call.Spec, new CallContext(), "application/json", 0, wantsHeaders: false).TraceState);
        activity.TraceStateString = "k=v";
        Assert.Equal("k=v", ClientCall.Outgoing(GrpcClientTests.Call.Spec, new CallContext(), "application/json", 0, wantsHeaders: false).TraceState);
    }

    [Fact]
    public async Task LB_9_Sockets_have_TCP_find_out_about_dead_machines_also_where_no_ping_does()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux tells which timer a socket has.");
        await using var server = new RawHttp2Server((_, _, _) => Task.CompletedTask);
        await using var connection = GrpcClientTests.Transport().Connect(server.Address, new ConnectionTarget("greeter"));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var call = GrpcClientTests.Unary(connection).CallAsync(GrpcClientTests.Call, "\"x\""u8.ToArray(), stop.Token).AsTask();
        await Wait.UntilAsync(() => server.Requests == 1, "the call is on the wire");

        // "02" is the timer of keep-alive; one that retransmits or acknowledges may be there for a moment.
        await Wait.UntilAsync(() => TimersTo(server.Address.Port).Contains("02"), "the socket is kept alive");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    private static IEnumerable<string> TimersTo(int port)
    {
        var suffix = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        return from file in new[] { "/proc/net/tcp", "/proc/net/tcp6" }
               where File.Exists(file)
               from line in File.ReadAllLines(file).Skip(1)
               let columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
               where columns[2].EndsWith(suffix, StringComparison.Ordinal) && columns[3] == "01"
               select columns[5].Split(':')[0];
    }

    private static async Task<CallEnd> TrailersAsync(params (string, string)[] trailers)
    {
        await using var server = new RawHttp2Server((connection, stream, token) =>
            connection.SendHeadersAsync(stream, [(":status", "200"), ("content-type", "application/grpc+json"), .. trailers], end: true, token));
        return await GrpcClientTests.CallAsync(server.Address).WaitAsync(TimeSpan.FromSeconds(20), Token);
    }
}
