using System.Net;
using System.Net.Sockets;
using global::Grpc.Core;
using Micro.Grpc.Security;
using Micro.Hosting;
using Micro.Security;
using Micro.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Micro.Grpc.Tests.Security;

/// <summary>Where the agent is, and a start with one that is not there, not ready or none at all.</summary>
public sealed class WorkloadStartTests : IAsyncLifetime
{
    private readonly WorkloadRig _rig = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task ID_10_An_agent_that_is_away_refuses_the_start_after_a_bounded_time_and_says_what_to_do()
    {
        var first = _rig.Open().FirstAsync(Token);
        await Wait.UntilAsync(() => _rig.Logged("cannot be reached") == 1, "it is tried");
        await _rig.TurnUntilAsync(() => first.IsCompleted, "the start is over", seconds: 10);
        var error = await Assert.ThrowsAsync<CredentialException>(() => first);
        Assert.Contains("No credentials came within 600 s", error.Message);
        Assert.Contains($"The agent at {_rig.Agent.Endpoint} cannot be reached", error.Message);
        Assert.Contains(WorkloadEndpoint.Variable, error.Message);
    }

    [Fact]
    public async Task ID_10_An_agent_that_comes_in_time_is_waited_for()
    {
        var first = _rig.Open().FirstAsync(Token);
        await Wait.UntilAsync(() => _rig.Logged("cannot be reached") == 1, "it is tried");
        await _rig.Agent.StartAsync();
        _rig.Agent.Say(_rig.Response("cart"));
        await _rig.TurnUntilAsync(() => first.IsCompleted, "it is followed");
        await first;
    }

    [Fact]
    public async Task ID_10_A_process_the_agent_does_not_know_yet_waits_and_starts_when_it_is_registered()
    {
        await _rig.Agent.StartAsync();
        _rig.Agent.Say(StatusCode.PermissionDenied);
        var first = _rig.Open().FirstAsync(Token);
        await _rig.TurnUntilAsync(() => _rig.Agent.Calls.Count >= 3, "it is asked again");
        Assert.False(first.IsCompleted);
        Assert.Equal((1, 1), (_rig.Logged("issues no identity to this process (no identity issued). Register it there"), _rig.Failures));
        _rig.Agent.Say(_rig.Response("cart"));
        await _rig.TurnUntilAsync(() => first.IsCompleted, "it is granted");
        await first;
    }

    [Fact]
    public async Task ID_10_A_process_the_agent_never_knows_is_refused_with_that_reason()
    {
        await _rig.Agent.StartAsync();
        _rig.Agent.Say(StatusCode.PermissionDenied);
        var first = _rig.Open().FirstAsync(Token);
        await Wait.UntilAsync(() => _rig.Logged("issues no identity") == 1, "it is asked");
        await _rig.TurnUntilAsync(() => first.IsCompleted, "the start is over", seconds: 10);
        Assert.Contains("issues no identity to this process", (await Assert.ThrowsAsync<CredentialException>(() => first)).Message);
    }

    [Fact]
    public async Task ID_10_An_agent_that_hangs_refuses_the_start()
    {
        await _rig.Agent.StartAsync(); // and says nothing
        var first = _rig.Open().FirstAsync(Token);
        await Wait.UntilAsync(() => _rig.Agent.OpenStreams == 1, "it is asked");
        await _rig.TurnUntilAsync(() => first.IsCompleted, "the start is over", seconds: 10);
        Assert.Matches("said nothing yet|says nothing", (await Assert.ThrowsAsync<CredentialException>(() => first)).Message); // two timers of the same length
    }

    [Theory]
    [InlineData(StatusCode.InvalidArgument, "does not take our request")]
    [InlineData(StatusCode.Unimplemented, "serves no X.509-SVIDs")]
    public async Task ID_10_What_is_no_Workload_API_refuses_the_start_at_once(StatusCode code, string says)
    {
        await _rig.Agent.StartAsync();
        _rig.Agent.Say(code, "what?");
        var error = await Assert.ThrowsAsync<CredentialException>(() => _rig.Open().FirstAsync(Token));
        Assert.Contains(says, error.Message);
    }

    [Fact]
    public async Task ID_10_A_server_of_another_protocol_is_no_agent()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _rig.Options.Endpoint = $"tcp://{listener.LocalEndpoint}";
        _rig.Open();
        using var socket = await listener.AcceptSocketAsync(Token);
        await socket.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), Token);
        socket.Close();
        await Wait.UntilAsync(() => _rig.Logged("ended the stream with") > 0, "it is told");
    }

    [Theory]
    [InlineData("unix:///run/spire/agent.sock", "/run/spire/agent.sock")]
    [InlineData("unix:/run/spire/agent.sock", "/run/spire/agent.sock")]
    [InlineData("unix:///run/an%20agent.sock", "/run/an agent.sock")]
    [InlineData("tcp://127.0.0.1:8000", "127.0.0.1:8000")]
    [InlineData("tcp://[::1]:8000", "[::1]:8000")]
    public void ID_10_Both_forms_of_an_address_are_understood(string text, string leadsTo)
    {
        Assert.Equal(leadsTo, WorkloadEndpoint.Of(text, "unix:///elsewhere").Address.ToString());
        Assert.Equal(leadsTo, WorkloadEndpoint.Of("", text).Address.ToString());
    }

    [Theory]
    [InlineData("/run/agent.sock")]
    [InlineData("agent.sock")]
    [InlineData("unix://agent.sock")]
    [InlineData("unix://host/agent.sock")]
    [InlineData("unix:///")]
    [InlineData("unix:agent.sock")]
    [InlineData("unix:///run/agent.sock?x=1")]
    [InlineData("unix:///run/agent.sock#x")]
    [InlineData("unix:///0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789")]
    [InlineData("tcp://localhost:8000")]
    [InlineData("tcp://127.0.0.1")]
    [InlineData("tcp://127.0.0.1:0")]
    [InlineData("tcp://127.0.0.1:8000/foo")]
    [InlineData("tcp://user@127.0.0.1:8000")]
    [InlineData("http://127.0.0.1:8000")]
    public void ID_10_Other_addresses_are_refused_by_the_name_of_who_said_them(string text)
    {
        Assert.StartsWith($"Micro:Security:Workload:Endpoint is '{text}'", Assert.Throws<CredentialException>(() => WorkloadEndpoint.Of(text, null)).Message);
        Assert.StartsWith($"$SPIFFE_ENDPOINT_SOCKET is '{text}'", Assert.Throws<CredentialException>(() => WorkloadEndpoint.Of(null, text)).Message);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void ID_10_Without_any_address_the_error_says_where_to_put_one(string? nothing)
    {
        var error = Assert.Throws<CredentialException>(() => WorkloadEndpoint.Of(nothing, nothing));
        Assert.Contains("set Micro:Security:Workload:Endpoint or the environment variable SPIFFE_ENDPOINT_SOCKET", error.Message);
    }

    [Fact]
    public async Task ID_10_A_host_does_not_start_without_credentials_and_does_with_them()
    {
        using (var refused = Host(("Workload:Endpoint", _rig.Agent.Endpoint), ("Workload:StartTimeout", "00:00:00.300")))
        {
            var error = await Assert.ThrowsAsync<CredentialException>(() => refused.StartAsync(Token));
            Assert.Contains($"The agent at {_rig.Agent.Endpoint}", error.Message);
        }

        await _rig.Agent.StartAsync();
        var authority = new Micro.Testing.Security.TestCertificateAuthority("micro.local");
        _rig.Agent.Say(new X509SVIDResponse { Svids = { WorkloadRig.Svid(authority.Issue("cart")) } });
        using (var host = Host(("Provider", "workload"), ("Workload:Endpoint", _rig.Agent.Endpoint)))
        {
            await host.StartAsync(Token);
            Assert.Equal(WorkloadRig.Cart, (await host.Services.GetRequiredService<ICredentialSource>().GetAsync(WorkloadRig.Cart, Token)).Identity);
            await host.StopAsync(Token);
        }

        await Wait.UntilAsync(() => _rig.Agent is { OpenStreams: 0, OpenConnections: 0 }, "all is closed");
    }

    [Fact]
    public async Task ID_10_A_host_that_takes_other_credentials_or_none_asks_no_agent()
    {
        await _rig.Agent.StartAsync();
        using var host = Host(("Insecure", "true"), ("Workload:Endpoint", _rig.Agent.Endpoint));
        await host.StartAsync(Token);
        await host.StopAsync(Token);
        Assert.Empty(_rig.Agent.Calls);
    }

    [Fact]
    public void ID_10_A_timeout_out_of_bounds_is_refused()
    {
        using var host = Host(("Workload:StartTimeout", "1.00:00:00"));
        Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => host.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<WorkloadApiOptions>>().Value);
    }

    private static IHost Host(params (string Key, string Value)[] settings)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.Select(one => KeyValuePair.Create($"Micro:Security:{one.Key}", (string?)one.Value)));
        builder.AddMicro("cart").AddWorkloadApi();
        return builder.Build();
    }
}
