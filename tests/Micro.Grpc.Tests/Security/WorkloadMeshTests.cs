using Micro.AspNetCore.Hosting;
using Micro.Discovery;
using Micro.Grpc.Security;
using Micro.Hosting;
using Micro.Security;
using Micro.Testing.Security;
using Micro.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Micro.Grpc.Tests.Security;

/// <summary>Two hosts that have nothing but an agent each, calling over TLS with a certificate on both sides.</summary>
public sealed class WorkloadMeshTests : IAsyncLifetime
{
    private readonly TestCertificateAuthority _authority = new("micro.local");
    private readonly WorkloadAgent _server = new(TimeProvider.System);
    private readonly WorkloadAgent _client = new(TimeProvider.System);
    private readonly InMemoryServiceRegistry _registry = new(TimeProvider.System);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync();
        await _client.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _client.DisposeAsync();
    }

    [Fact]
    public async Task ID_7_Hosts_whose_credentials_come_from_agents_call_each_other_while_roots_and_leaves_are_replaced()
    {
        Give(_server, _authority, "trolley", _authority);
        Give(_client, _authority, "shopper", _authority);
        await using var server = await ServeAsync();
        using var client = Connect();
        await client.StartAsync(Token);
        var trolley = client.Services.GetRequiredService<ITrolley>();
        Assert.Equal("hello spiffe://micro.local/default/shopper", await trolley.WhoAsync("hello", new CallContext()));

        // A new root is prepared and takes over; no call fails.
        var next = new TestCertificateAuthority("micro.local");
        foreach (var issuer in new[] { _authority, next })
        {
            await ReplaceAsync(_server, server.Services, issuer, "trolley", _authority, next);
            await ReplaceAsync(_client, client.Services, issuer, "shopper", _authority, next);
            Assert.StartsWith("again", await trolley.WhoAsync("again", new CallContext()));
        }

        // The old one goes, and connections that were made under it are cut, a call on them too (ID-8).
        await ReplaceAsync(_server, server.Services, next, "trolley", next);
        await ReplaceAsync(_client, client.Services, next, "shopper", next);
        await Wait.UntilAsync(
            async () =>
            {
                try
                {
                    return (await trolley.WhoAsync("at last", new CallContext())).StartsWith("at last", StringComparison.Ordinal);
                }
                catch (CallException exception) when (exception.Code == CallStatusCode.Unavailable)
                {
                    return false;
                }
            },
            "a call over the new root");
        await client.StopAsync(Token);
    }

    [Fact]
    public async Task ID_1_A_caller_that_an_agent_of_another_root_names_is_refused()
    {
        Give(_server, _authority, "trolley", _authority);
        _client.Say(new X509SVIDResponse { Svids = { Forged() } });
        await using var server = await ServeAsync();
        using var client = Connect();
        await client.StartAsync(Token);
        var error = await Assert.ThrowsAsync<CallException>(() => client.Services.GetRequiredService<ITrolley>().WhoAsync("hello", new CallContext()));
        Assert.Equal(CallStatusCode.Unauthenticated, error.Code);
        await client.StopAsync(Token);
    }

    // Trusts the server's root, and is itself vouched for by one of the same trust domain that the server does not know.
    private X509SVID Forged()
    {
        var rogue = new TestCertificateAuthority("micro.local");
        var svid = WorkloadRig.Svid(rogue.Issue("shopper"));
        svid.Bundle = WorkloadRig.Der(_authority.Certificate, rogue.Certificate);
        return svid;
    }

    private static void Give(WorkloadAgent agent, TestCertificateAuthority issuer, string service, params TestCertificateAuthority[] trusted)
    {
        var credential = issuer.Issue(service, bundle: TestCertificateAuthority.BundleOf(trusted));
        agent.Say(new X509SVIDResponse { Svids = { WorkloadRig.Svid(credential) } });
    }

    private static async Task ReplaceAsync(WorkloadAgent agent, IServiceProvider services, TestCertificateAuthority issuer, string service, params TestCertificateAuthority[] trusted)
    {
        var before = await services.GetRequiredService<ICredentialSource>().GetAsync(ServiceIdentity.Create("micro.local", "default", service), Token);
        Give(agent, issuer, service, trusted);
        await Wait.UntilAsync(() => before.Superseded.IsCancellationRequested, "the credential is replaced");
    }

    private async Task<WebApplication> ServeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Micro:Server:DrainDelay"] = "00:00:00";
        builder.Configuration["Micro:Security:Workload:Endpoint"] = _server.Endpoint;
        builder.Services.AddSingleton<IServiceRegistry>(_registry).AddSingleton<IServiceResolver>(_registry);
        builder.AddMicro("trolley").AddServer().AddWorkloadApi().AddService<ITrolley>(new Trolley());
        var app = builder.Build();
        await app.StartAsync(Token);
        return app;
    }

    private IHost Connect()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("Micro:Security:Workload:Endpoint", (string?)_client.Endpoint)]);
        builder.Services.AddSingleton<IServiceRegistry>(_registry).AddSingleton<IServiceResolver>(_registry);
        builder.AddMicro("shopper").AddGrpc().AddWorkloadApi().AddClient<ITrolley>();
        return builder.Build();
    }
}
