using System.Net;
using Micro.AspNetCore.Tests.Support;
using Micro.Discovery;
using Micro.Hosting;
using Micro.Hosting.Health;
using Micro.Testing.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Micro.AspNetCore.Tests.Hosting;

/// <summary>Health over HTTP, and the checks that come with the core.</summary>
public sealed class HealthTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LIF_7_Readiness_and_liveness_are_two_things_and_neither_tells_secrets()
    {
        await using var server = await TestServer.StartAsync(new ScriptedAcceptor(), builder => builder.Services.AddHealthChecks()
            .AddCheck("database", () => HealthCheckResult.Unhealthy("Password=secret", new InvalidOperationException("secret")), ["ready"])
            .AddCheck("loop", () => HealthCheckResult.Healthy("secret"), ["live"]));
        var (ready, body) = await GetAsync(server, "/health");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready);
        Assert.Equal("""{"status":"Unhealthy","checks":{"database":"Unhealthy"}}""", body);
        var (alive, live) = await GetAsync(server, "/alive");
        Assert.Equal(HttpStatusCode.OK, alive);
        Assert.Equal("""{"status":"Healthy","checks":{"loop":"Healthy"}}""", live);
    }

    [Fact]
    public async Task LIF_7_Other_spellings_and_methods_are_not_health()
    {
        await using var server = await TestServer.StartAsync(new ScriptedAcceptor());
        using var client = new HttpClient();
        foreach (var path in new[] { "/Health", "/health/", "/health/x", "/healthz" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(server, path)).Status);
        }

        using var post = await client.PostAsync($"http://127.0.0.1:{server.Http.Port}/health", null, Token);
        Assert.NotEqual(HttpStatusCode.OK, post.StatusCode);
        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"http://127.0.0.1:{server.Http.Port}/health"), Token);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
    }

    [Fact]
    public async Task Health_endpoints_can_be_turned_off()
    {
        await using var server = await TestServer.StartAsync(new ScriptedAcceptor(), options: options => options.HealthEndpoints = false);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(server, "/health")).Status);
    }

    [Fact]
    public async Task O15_Several_checks_pass_while_what_they_check_is_there()
    {
        await using var dependency = await DependencyAsync();
        await using var server = await WithChecksAsync(micro => micro
            .AddTcpCheck("tcp", "127.0.0.1", dependency.Http.Port)
            .AddHttpCheck("http", new Uri($"http://127.0.0.1:{dependency.Http.Port}/ok"))
            .AddDnsCheck("dns", "localhost")
            .AddServiceCheck("orders", "orders"));
        var (status, body) = await GetAsync(server, "/health");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("""{"status":"Healthy","checks":{"tcp":"Healthy","http":"Healthy","dns":"Healthy","orders":"Healthy"}}""", body);
    }

    [Fact]
    public async Task O15_Each_check_fails_when_what_it_checks_is_not_there()
    {
        await using var dependency = await DependencyAsync();
        await using var server = await WithChecksAsync(micro => micro
            .AddTcpCheck("tcp", "127.0.0.1", ListenTests.FreePort())
            .AddHttpCheck("http", new Uri($"http://127.0.0.1:{dependency.Http.Port}/broken"))
            .AddDnsCheck("dns", "nothing.invalid")
            .AddServiceCheck("nobody", "nobody"));
        var (status, body) = await GetAsync(server, "/health");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("""{"status":"Unhealthy","checks":{"tcp":"Unhealthy","http":"Unhealthy","dns":"Unhealthy","nobody":"Unhealthy"}}""", body);
    }

    [Fact]
    public async Task O15_A_check_that_is_not_critical_degrades_and_does_not_fail()
    {
        await using var server = await WithChecksAsync(micro => micro.AddTcpCheck("cache", "127.0.0.1", ListenTests.FreePort(), check => check.Critical = false));
        var (status, body) = await GetAsync(server, "/health");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("""{"status":"Degraded","checks":{"cache":"Degraded"}}""", body);
    }

    [Fact]
    public async Task O15_Checks_run_at_the_same_time_and_a_late_one_is_a_failure()
    {
        // Each of the two passes only while the other runs.
        var met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = 0;
        await using var server = await TestServer.StartAsync(new ScriptedAcceptor(), builder => builder.Services.AddHealthChecks()
            .AddAsyncCheck("one", MeetAsync, ["ready"])
            .AddAsyncCheck("two", MeetAsync, ["ready"])
            .AddAsyncCheck("late", WaitAsync, ["ready"], TimeSpan.FromSeconds(1)));
        var (status, body) = await GetAsync(server, "/health");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("""{"status":"Unhealthy","checks":{"one":"Healthy","two":"Healthy","late":"Unhealthy"}}""", body);

        async Task<HealthCheckResult> MeetAsync(CancellationToken token)
        {
            if (Interlocked.Increment(ref running) == 2)
            {
                met.SetResult();
            }

            await met.Task.WaitAsync(TimeSpan.FromSeconds(20), token);
            return HealthCheckResult.Healthy();
        }

        static async Task<HealthCheckResult> WaitAsync(CancellationToken token)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            return HealthCheckResult.Healthy();
        }
    }

    [Fact]
    public async Task O15_Health_asked_by_many_at_once_answers_all()
    {
        await using var server = await WithChecksAsync(micro => micro.AddDnsCheck("dns", "localhost"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => GetAsync(server, "/health")));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
    }

    private static Task<TestServer> DependencyAsync() => TestServer.StartAsync(new ScriptedAcceptor(), map: app =>
    {
        app.MapGet("/ok", () => "ok");
        app.MapGet("/broken", () => Results.StatusCode(500));
    });

    private static Task<TestServer> WithChecksAsync(Action<IMicroBuilder> checks) => TestServer.StartAsync(new ScriptedAcceptor(), builder =>
    {
        builder.Services.AddSingleton<IServiceResolver>(new OneService());
        checks(new TestServer.Builder(builder.Services, builder.Configuration));
    });

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(TestServer server, string path)
    {
        using var client = new HttpClient();
        using var response = await client.GetAsync($"http://127.0.0.1:{server.Http.Port}{path}", Token);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Token));
    }

    private sealed class OneService : IServiceResolver
    {
        public string Source => "test";

        public async IAsyncEnumerable<ServiceSnapshot> WatchAsync(
            string service, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return new ServiceSnapshot(service, service == "orders" ? [new ServiceInstance("orders", "1", [new Uri("grpc+insecure://127.0.0.1:1")])] : []);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
    }
}
