using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Micro.Hosting;
using Micro.Rpc;
using Micro.Security;
using Micro.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Micro.Tests.Security;

/// <summary>S2 and S4 in the pipeline: who is asked for, what is told, and what becomes of open streams.</summary>
public sealed class AuthorizationTests
{
    private const string Request = "{\"text\":\"x\"}";

    private static readonly Caller Orders = Service("orders");
    private static readonly Caller Billing = Service("billing");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Aliases =>
    [
        "/probe.Probe/echo", "/Probe.probe/Echo", "/probe.Probe/Echo/", "/probe.Probe/%45cho", "//probe.Probe/Echo", "/./probe.Probe/Echo", "/probe.Probe/x/../Echo", "/probe.Probe/Echo?a=b",
        "probe.Probe/Echo", "/probe.Probe/Echo;a=b", "/probe.Probe/Echo#a", "\\probe.Probe\\Echo", "http://localhost/probe.Probe/Echo", "/probe.Probe%2FEcho", "/probe.Probe//%2e/ECHO", "/probe.Probe/Echo\0",
    ];

    [Theory]
    [MemberData(nameof(Aliases))]
    public async Task RBAC_5_RBAC_11_No_spelling_reaches_a_denied_handler_and_all_are_answered_alike(string path)
    {
        await using var hosts = new ProbeHosts();
        var probe = new Probe();
        var host = await StartAsync(hosts, probe, ("0:Id", "no"), ("0:Effect", "deny"), ("0:Priority", "9"), ("0:Scope", ""));
        var denied = await AskAsync(host, "/probe.Probe/Echo", Orders);
        Assert.Equal(CallStatusCode.PermissionDenied, denied.Code);
        Assert.Equal(denied, await AskAsync(host, path, Orders));
        Assert.Equal(0, probe.Calls);
    }

    [Theory]
    [MemberData(nameof(Aliases))]
    public async Task RBAC_5_A_rule_for_one_method_cannot_be_walked_around(string path)
    {
        await using var hosts = new ProbeHosts();
        var probe = new Probe();
        var host = await StartAsync(hosts, probe, ("0:Id", "no"), ("0:Effect", "deny"), ("0:Priority", "9"), ("0:Scope", ""), ("0:Name", "probe.Probe"), ("0:Operation", "Echo"));
        Assert.Equal(CallStatusCode.Unimplemented, (await AskAsync(host, path, Orders)).Code);
        Assert.Equal(0, probe.Calls);
    }

    [Fact]
    public async Task RBAC_11_Whoever_may_call_nothing_of_a_contract_is_told_the_same_of_methods_that_are_and_that_are_not()
    {
        await using var hosts = new ProbeHosts();
        var host = await hosts.StartAsync("guarded", micro => micro.AddInProcess().AddService<IOrdersOnly>(new Guarded()));
        var wrong = new CallStatus(CallStatusCode.InvalidArgument, "of the transport");
        var answers = new[]
        {
            await AskAsync(host, "/orders-only.OrdersOnly/Echo", Billing), await AskAsync(host, "/orders-only.OrdersOnly/Nope", Billing),
            await AskAsync(host, "/orders-only.OrdersOnly/Echo", Billing, "application/xml"), await AskAsync(host, "/orders-only.OrdersOnly/Nope", Billing, "application/xml"),
            await AskAsync(host, "/orders-only.OrdersOnly/Echo", Billing, refusal: wrong), await AskAsync(host, "/orders-only.OrdersOnly/Nope", Billing, refusal: wrong),
            await AskAsync(host, "/orders-only.OrdersOnly/Echo", Billing, timeout: TimeSpan.Zero),
        };
        Assert.Single(answers.Distinct());
        Assert.Equal(CallStatusCode.PermissionDenied, answers[0].Code);
        Assert.DoesNotContain("Echo", answers[0].Message, StringComparison.Ordinal);
        var known = await AskAsync(host, "/orders-only.OrdersOnly/Nope", Orders);
        Assert.Equal(CallStatusCode.Unimplemented, known.Code);
        Assert.Contains("'Nope'", known.Message, StringComparison.Ordinal);
        Assert.Equal(wrong, await AskAsync(host, "/orders-only.OrdersOnly/Echo", Orders, refusal: wrong));
    }

    [Fact]
    public async Task A27_Whoever_has_not_said_who_it_is_is_asked_to_and_whoever_has_is_denied()
    {
        await using var hosts = new ProbeHosts();
        var host = await StartAsync(hosts, new Probe());
        Assert.Equal(CallStatusCode.Unauthenticated, (await AskAsync(host, "/probe.Probe/Echo", Caller.Anonymous)).Code);
        Assert.Equal(await AskAsync(host, "/probe.Probe/Echo", Caller.Anonymous), await AskAsync(host, "/probe.Probe/Nope", Caller.Anonymous));
        var user = new Caller(null, new Account("anna", "user", new HashSet<string>(), "i"));
        Assert.Equal(CallStatusCode.PermissionDenied, (await AskAsync(host, "/probe.Probe/Echo", user)).Code);
        Assert.Equal(CallStatusCode.Ok, (await AskAsync(host, "/probe.Probe/Echo", Orders)).Code);
    }

    [Fact]
    public async Task A27_Calls_pass_until_a_rule_locks_them_down_and_what_is_public_stays_so()
    {
        await using var hosts = new ProbeHosts();
        var probe = new Probe();
        var host = await StartAsync(hosts, probe, ("0:Id", "open"), ("0:Effect", "allow"), ("0:Scope", ""), ("0:Name", "probe.Probe"), ("0:Operation", "*"));
        Assert.Equal(CallStatusCode.Ok, (await AskAsync(host, "/probe.Probe/Echo", Caller.Anonymous)).Code);
        Change(host, ("0:Scope", "*"), ("1:Id", "login"), ("1:Effect", "allow"), ("1:Scope", ""), ("1:Name", "probe.Probe"), ("1:Operation", "Repeat"));
        await Wait.UntilAsync(async () => (await AskAsync(host, "/probe.Probe/Echo", Caller.Anonymous)).Code == CallStatusCode.Unauthenticated, "locked down");
        Assert.Equal(CallStatusCode.Ok, (await AskAsync(host, "/probe.Probe/Repeat", Caller.Anonymous)).Code);
        Assert.Equal(CallStatusCode.Ok, (await AskAsync(host, "/probe.Probe/Echo", new Caller(null, new Account("a", "user", new HashSet<string>(), "i")))).Code);
    }

    [Fact]
    public async Task A33_RBAC_6_Reflection_is_decided_on_like_any_call()
    {
        await using var hosts = new ProbeHosts();
        var host = await StartAsync(hosts, new Probe(), ("0:Id", "no"), ("0:Effect", "deny"), ("0:Caller", "orders"), ("0:Name", "micro.Reflection"));
        Assert.Equal(CallStatusCode.PermissionDenied, (await AskAsync(host, "/micro.Reflection/Describe", Orders)).Code);

        // Its request is not one that Describe takes, and it is told so.
        Assert.Equal(CallStatusCode.InvalidArgument, (await AskAsync(host, "/micro.Reflection/Describe", Billing)).Code);
        Assert.Equal(CallStatusCode.Unauthenticated, (await AskAsync(host, "/micro.Reflection/Describe", Caller.Anonymous)).Code);
    }

    [Fact]
    public async Task A35_RBAC_1_An_authoriser_that_throws_denies_and_one_that_is_missing_stops_the_start()
    {
        await using var hosts = new ProbeHosts();
        var probe = new Probe();
        var host = await hosts.ServeAsync(probe, micro => micro.Services.AddSingleton<IAuthorizer>(new Broken()));
        Assert.Equal(CallStatusCode.PermissionDenied, (await AskAsync(host, "/probe.Probe/Echo", Orders)).Code);
        Assert.Equal(0, probe.Calls);
        await Assert.ThrowsAnyAsync<Exception>(() => hosts.StartAsync("second", micro =>
        {
            micro.AddInProcess().AddService<IProbe>(new Probe());
            micro.Services.Remove(micro.Services.Single(service => service.ServiceType == typeof(IAuthorizer)));
        }));
    }

    [Fact]
    public async Task RBAC_4_The_caller_is_what_was_verified_and_never_what_it_says_of_itself()
    {
        await using var hosts = new ProbeHosts();
        Caller? seen = null;
        Account? behalf = null;
        var probe = new Probe { OnCall = (request, context) => { (seen, behalf) = (context.Caller, context.OnBehalfOf); return Task.FromResult(new ProbeReply("", 0)); } };
        var host = await StartAsync(hosts, probe);
        var anna = new Account("anna", "user", new HashSet<string>(), "i");
        await AskAsync(host, "/probe.Probe/Echo", Orders with { Account = anna });
        Assert.Equal(Orders with { Account = anna }, seen);
        Assert.Same(anna, behalf);
        var headers = new CallHeaders();
        foreach (var name in new[] { "x-forwarded-for", "x-forwarded-client-cert", "host", "authorization", "from" })
        {
            headers.TryAddReceived(name, "spiffe://micro.local/default/orders");
        }

        var raw = new RawCall(Request);
        await host.AcceptAsync(raw.To("/probe.Probe/Echo", headers: headers, caller: Caller.Anonymous));
        Assert.Equal(CallStatusCode.Unauthenticated, raw.Outcome!.Status.Code);
    }

    [Theory]
    [InlineData(false, CallStatusCode.Unauthenticated)]
    [InlineData(true, CallStatusCode.Ok)]
    public async Task A_plaintext_caller_counts_as_of_the_trust_domain_only_where_that_is_allowed_and_never_as_a_service(bool insecure, CallStatusCode expected)
    {
        await using var hosts = new ProbeHosts();
        var host = await hosts.StartAsync(
            "guarded",
            micro => micro.AddInProcess().AddService<IProbe>(new Probe()).AddService<IOrdersOnly>(new Guarded()),
            builder => builder.Configuration["Micro:Security:Insecure"] = insecure ? "true" : "false");
        Assert.Equal(expected, (await AskAsync(host, "/probe.Probe/Echo", Caller.Anonymous)).Code);
        Assert.NotEqual(CallStatusCode.Ok, (await AskAsync(host, "/orders-only.OrdersOnly/Echo", Caller.Anonymous)).Code);
    }

    [Theory]
    [InlineData("Count")]
    [InlineData("Sum")]
    [InlineData("Talk")]
    public async Task RBAC_7_An_open_stream_of_a_revoked_caller_ends_within_a_second(string method)
    {
        await using var hosts = new ProbeHosts();
        var probe = new Probe
        {
            OnCount = (_, token) => Endless(token),
            OnTalk = (_, token) => Endless(token),
        };
        var host = await StartAsync(hosts, probe, ("0:Id", "other"), ("0:Effect", "deny"), ("0:Caller", "nobody"));
        using var stop = new CancellationTokenSource();
        var (revoked, kept) = (new EndlessCall(Request), new EndlessCall(Request));
        var running = host.AcceptAsync(revoked.Raw.To($"/probe.Probe/{method}", caller: Orders, stream: revoked)).AsTask();
        var staying = host.AcceptAsync(kept.Raw.To($"/probe.Probe/{method}", caller: Billing, stream: kept, aborted: stop)).AsTask();
        await Wait.UntilAsync(() => probe.Calls == 2, "both run");
        var since = System.Diagnostics.Stopwatch.StartNew();
        Change(host, ("0:Caller", "orders"));
        await running.WaitAsync(TimeSpan.FromSeconds(5), Token);
        Assert.True(since.Elapsed < TimeSpan.FromSeconds(1), $"It took {since.Elapsed}.");
        Assert.Equal(CallStatusCode.PermissionDenied, revoked.Raw.Outcome!.Status.Code);
        Assert.False(staying.IsCompleted);
        await stop.CancelAsync();
        await staying;
        Assert.Equal(CallStatusCode.Cancelled, kept.Raw.Outcome!.Status.Code);
    }

    [Fact]
    public async Task RBAC_11_Denials_are_logged_with_who_what_rule_and_decision_and_counted()
    {
        await using var hosts = new ProbeHosts();
        var log = new LogRecorder();
        var host = await hosts.StartAsync(
            "probe",
            micro =>
            {
                log.Join(micro);
                micro.Services.AddMetrics();
                micro.AddInProcess().AddService<IProbe>(new Probe());
            },
            builder => Rules(builder, ("0:Id", "no-orders"), ("0:Effect", "deny"), ("0:Caller", "orders")));
        var counted = 0L;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "micro.security.denials")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref counted, value));
        listener.Start();
        await AskAsync(host, "/probe.Probe/Echo", Orders);
        var entry = Assert.Single(log.Entries, entry => entry.Text.StartsWith("Denied: ", StringComparison.Ordinal));
        Assert.Equal(LogLevel.Warning, entry.Level);
        Assert.Matches("^Denied: spiffe://micro.local/default/orders on call probe.Probe/Echo, by rule no-orders \\(decision [0-9a-f]{16,32}\\)\\.$", entry.Text);
        Assert.True(counted >= 1);
    }

    private static Caller Service(string name) => new(ServiceIdentity.Create("micro.local", "default", name));

    private static Task<IHost> StartAsync(ProbeHosts hosts, Probe probe, params (string Key, string Value)[] rules) =>
        hosts.StartAsync("probe", micro => micro.AddInProcess().AddService<IProbe>(probe), builder => Rules(builder, rules));

    private static void Rules(HostApplicationBuilder builder, params (string Key, string Value)[] rules)
    {
        foreach (var (key, value) in rules)
        {
            builder.Configuration["Micro:Security:Rules:" + key] = value;
        }
    }

    private static void Change(IHost host, params (string Key, string Value)[] rules)
    {
        var configuration = (Microsoft.Extensions.Configuration.IConfigurationRoot)host.Services.GetRequiredService<Microsoft.Extensions.Configuration.IConfiguration>();
        foreach (var (key, value) in rules)
        {
            configuration["Micro:Security:Rules:" + key] = value;
        }

        configuration.Reload();
    }

    private static async Task<CallStatus> AskAsync(
        IHost host, string path, Caller caller, string contentType = "application/json", CallStatus? refusal = null, TimeSpan? timeout = null)
    {
        var raw = new RawCall(Request);
        await host.AcceptAsync(raw.To(path, timeout, contentType: contentType, caller: caller, refusal: refusal));
        return raw.Outcome!.Status;
    }

    private static async IAsyncEnumerable<ProbeReply> Endless([EnumeratorCancellation] CancellationToken token)
    {
        yield return new ProbeReply("first", 0);
        await Task.Delay(Timeout.Infinite, token);
    }

    private sealed class Broken : IAuthorizer
    {
        public CancellationToken Changed => default;

        public AuthorizationDecision Authorize(Caller caller, in ProtectedResource resource) => throw new InvalidOperationException("broken");
    }

    /// <summary>A client that sends one message and then neither another nor an end.</summary>
    private sealed class EndlessCall(string first) : Micro.Transport.ICallStream
    {
        private bool _sent;

        public RawCall Raw { get; } = new();

        public Micro.Transport.CallEnd? End => null;

        public ValueTask WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) => Raw.WriteAsync(message, cancellationToken);

        public ValueTask CompleteAsync(Micro.Transport.CallEnd end, CancellationToken cancellationToken) => Raw.CompleteAsync(end, cancellationToken);

        public async ValueTask<Micro.Transport.CallMessage?> ReadAsync(CancellationToken cancellationToken)
        {
            if (!_sent)
            {
                _sent = true;
                return Micro.Transport.CallMessage.Copy(System.Text.Encoding.UTF8.GetBytes(first));
            }

            await Task.Delay(Timeout.Infinite, cancellationToken);
            return null;
        }

        public ValueTask<CallHeaders> HeadersAsync(CancellationToken cancellationToken) => Raw.HeadersAsync(cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
