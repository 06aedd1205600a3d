using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Micro.Discovery;
using Micro.Rpc;
using Micro.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.EndToEnd.Tests;

/// <summary>From one host to another over sockets: registered, found, called, each kind over each transport.</summary>
public sealed class FourKindsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("grpc+insecure://127.0.0.1:0")]
    [InlineData("http+insecure://127.0.0.1:0")]
    [InlineData("grpc+unix+insecure://")]
    [InlineData("http+unix+insecure://")]
    [InlineData("grpc://127.0.0.1:0")]
    [InlineData("grpc+unix://")]
    public async Task Every_kind_of_call_works(string listen)
    {
        await using var services = new ProbeServices { Insecure = listen.Contains("+insecure", StringComparison.Ordinal) };
        var socket = Path.Combine(Path.GetTempPath(), $"micro-{Guid.NewGuid():N}.sock");
        await services.ServeAsync(new Probe(), listen.EndsWith("://", StringComparison.Ordinal) ? listen + socket : listen);
        var probe = (await services.ClientAsync()).Services.GetRequiredService<IProbe>();
        Assert.Equal(new ProbeReply("hello", 7, "one"), await probe.EchoAsync(new ProbeRequest("hello", 7), Token));
        await probe.PingAsync(Token);
        Assert.Equal(Enumerable.Range(0, 50), await probe.CountAsync(new("n", 50), Token).Select(reply => reply.Number).ToListAsync(Token));
        Assert.Equal(1225, (await probe.SumAsync(Items(50), Token)).Number);
        Assert.Equal(Enumerable.Range(0, 50), await probe.TalkAsync(Items(50), Token).Select(reply => reply.Number).ToListAsync(Token));
    }

    [Theory]
    [InlineData("grpc+insecure://127.0.0.1:0")]
    [InlineData("http+insecure://127.0.0.1:0")]
    public async Task TRN_5_A_caller_that_reads_no_more_ends_the_handler(string listen)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var services = new ProbeServices();
        await services.ServeAsync(new Probe { OnCount = (_, cancelled) => Endless(told, cancelled) }, listen);
        var probe = (await services.ClientAsync()).Services.GetRequiredService<IProbe>();
        await foreach (var _ in probe.CountAsync(new("n"), Token))
        {
            break;
        }

        // How soon is measured by eng/soak/transport.
        await told.Task.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, Token);
    }

    [Theory]
    [InlineData("grpc+insecure://127.0.0.1:0")]
    [InlineData("http+insecure://127.0.0.1:0")]
    public async Task TRN_2_An_answer_above_the_limit_of_its_server_is_not_sent(string listen)
    {
        await using var services = new ProbeServices();
        await services.ServeAsync(
            new Probe { OnCall = (_, _) => Task.FromResult(Large), OnCount = (_, _) => Once(Large), OnTalk = (_, _) => Once(Large) },
            listen,
            (builder, _) => builder.Configuration["Micro:Server:MaxMessageBytes"] = "1000");
        var probe = (await services.ClientAsync()).Services.GetRequiredService<IProbe>();
        foreach (var call in (Func<Task>[])
        [
            () => probe.EchoAsync(new("x"), Token),
            async () => await probe.CountAsync(new("x"), Token).ToListAsync(Token),
            async () => await probe.TalkAsync(Items(1), Token).ToListAsync(Token),
        ])
        {
            var refused = await Assert.ThrowsAsync<CallException>(call);
            Assert.Equal(CallStatusCode.ResourceExhausted, refused.Code);
        }
    }

    [Theory]
    [InlineData("grpc+insecure://127.0.0.1:0")]
    [InlineData("http+insecure://127.0.0.1:0")]
    public async Task V21_V25_TRN_13_Errors_keep_their_code_and_a_broken_handler_tells_nothing(string listen)
    {
        await using var services = new ProbeServices();
        await services.ServeAsync(
            new Probe
            {
                OnCall = (request, _) => request.Text == "known"
                    ? throw new CallException(new CallStatus(
                        CallStatusCode.FailedPrecondition, "not \"now\"\nplease ☃", [new CallErrorDetail("type.googleapis.com/x.Y", new byte[] { 1, 2 })]))
                    : throw new InvalidOperationException("secret /etc/passwd"),
            },
            listen);
        var probe = (await services.ClientAsync()).Services.GetRequiredService<IProbe>();
        var known = await Assert.ThrowsAsync<CallException>(() => probe.EchoAsync(new("known"), Token));
        Assert.Equal(CallStatusCode.FailedPrecondition, known.Code);
        Assert.Equal("not \"now\"\nplease ☃", known.Status.Message);
        Assert.Equal(new byte[] { 1, 2 }, Assert.Single(known.Status.Details).Value.ToArray());
        var broken = await Assert.ThrowsAsync<CallException>(() => probe.EchoAsync(new("other"), Token));
        Assert.Equal(CallStatusCode.Internal, broken.Code);
        Assert.DoesNotContain("secret", broken.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("grpc+insecure://127.0.0.1:0")]
    [InlineData("http+insecure://127.0.0.1:0")]
    public async Task K24_Headers_go_both_ways_and_K07_options_of_a_call_win(string listen)
    {
        await using var services = new ProbeServices();
        await services.ServeAsync(
            new Probe
            {
                OnCall = (request, context) =>
                {
                    context.ResponseHeaders["x-heard"] = context.RequestHeaders["x-said"] ?? "";
                    context.ResponseTrailers["x-after"] = "all";
                    return Task.FromResult(new ProbeReply(request.Text, (int)context.Remaining!.Value.TotalSeconds));
                },
            },
            listen);
        var probe = (await services.ClientAsync()).Services.GetRequiredService<IProbe>();
        var context = new CallContext(
            new CallOptions { Headers = new CallHeaders().Add("X-Said", "hello"), Timeout = TimeSpan.FromSeconds(60) }, Token);
        var reply = await probe.WithContextAsync(new("x"), context);
        Assert.InRange(reply.Number, 40, 60);
        Assert.Equal("hello", context.ResponseHeaders["x-heard"]);
        Assert.Equal("all", context.ResponseTrailers["x-after"]);
    }

    [Fact]
    public async Task The_http_side_answers_plain_HttpClient_and_describes_what_is_wrong()
    {
        await using var services = new ProbeServices();
        await services.ServeAsync(new Probe());
        var host = await services.ClientAsync();
        var instance = (await host.Services.GetRequiredService<IServiceResolver>().WatchAsync("probe", Token).FirstAsync(Token)).Instances.Single();
        var address = instance.Addresses.Single(uri => uri.Scheme.StartsWith("http", StringComparison.Ordinal));
        using var http = new HttpClient { BaseAddress = new Uri($"http://{address.Authority}") };

        using var good = await http.PostAsync("/probe.Probe/Echo", Json("{\"text\":\"hi\",\"number\":3}"), Token);
        Assert.Equal("{\"text\":\"hi\",\"number\":3,\"instance\":\"one\"}", await good.Content.ReadAsStringAsync(Token));

        using var broken = await http.PostAsync("/probe.Probe/Echo", Json("{\"text\":"), Token);
        Assert.Equal(HttpStatusCode.BadRequest, broken.StatusCode);
        Assert.Equal("application/problem+json", broken.Content.Headers.ContentType?.MediaType);

        using var unknown = await http.PostAsync("/probe.Probe/Nope", Json("{}"), Token);
        Assert.Equal(HttpStatusCode.NotImplemented, unknown.StatusCode);
        Assert.Contains("Nope", await unknown.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);

        using var other = await http.PostAsync("/probe.Probe/Echo", new StringContent("<x/>", Encoding.UTF8, "application/xml"), Token);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, other.StatusCode);
        Assert.Contains("application/json", await other.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);

        using var lines = await http.PostAsync("/probe.Probe/Count", Json("{\"text\":\"n\",\"number\":2}"), Token);
        var text = await lines.Content.ReadAsStringAsync(Token);
        Assert.Equal("application/x-ndjson", lines.Content.Headers.ContentType?.MediaType);
        Assert.Equal(3, text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("$status", text, StringComparison.Ordinal);

        using var health = await http.GetAsync("/health", Token);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Fact]
    public async Task Untyped_calls_and_descriptions_work_for_every_service()
    {
        await using var services = new ProbeServices();
        await services.ServeAsync(new Probe());
        var host = await services.ClientAsync();
        await host.Services.GetRequiredService<IProbe>().PingAsync(Token);
        var description = await host.Services.GetRequiredService<ReflectionClient>().DescribeAsync("probe", cancellationToken: Token);
        var contract = description.Contracts.Single(one => one.Service == "probe");
        var count = contract.Methods.Single(method => method.Name == "Count");
        Assert.Equal(CallKind.ServerStream, count.Kind);
        Assert.True(count.Request.GetProperty("properties").TryGetProperty("number", out _), count.Request.ToString());
        var client = host.Services.GetRequiredService<UntypedClient>();
        var replies = await client.ServerStreamAsync(
            new CallSpec("probe", contract.Name, count.Name, count.Kind), new(Encoding.UTF8.GetBytes("{\"text\":\"n\",\"number\":3}")), cancellationToken: Token).ToListAsync(Token);
        Assert.Equal([0, 1, 2], replies.Select(reply => JsonDocument.Parse(reply.Bytes).RootElement.GetProperty("number").GetInt32()));
    }

    private static ProbeReply Large => new(new string('x', 1000), 0);

    private static async IAsyncEnumerable<ProbeReply> Once(ProbeReply reply)
    {
        await Task.Yield();
        yield return reply;
    }

    private static async IAsyncEnumerable<ProbeReply> Endless(TaskCompletionSource told, [EnumeratorCancellation] CancellationToken cancelled)
    {
        using var registration = cancelled.Register(told.SetResult);
        while (true)
        {
            yield return new ProbeReply("", 0);
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancelled);
        }
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static async IAsyncEnumerable<ProbeItem> Items(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Task.Yield();
            yield return new ProbeItem("i", i);
        }
    }
}
