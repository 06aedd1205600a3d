using Micro.Hosting;
using Micro.Rpc;
using Micro.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Micro.Tests.Support;

internal static class HostExtensions
{
    public static T Get<T>(this IHost host)
        where T : notnull => host.Services.GetRequiredService<T>();

    /// <summary>Hands a call to the host's server pipeline, as a transport would.</summary>
    public static ValueTask AcceptAsync(this IHost host, IncomingCall call) => host.Get<ICallAcceptor>().AcceptAsync(call);

    /// <summary>Calls being handled by the host now.</summary>
    public static int ActiveCalls(this IHost host) => host.Get<ServerPipeline>().ActiveCalls;

    /// <summary>The server stream of the probe with a context, which the contract's method does not take.</summary>
    public static async Task<Func<ProbeRequest, CallContext, IAsyncEnumerable<ProbeReply>>> StreamClientAsync(this ProbeHosts hosts)
    {
        var host = await hosts.StartAsync("client", micro => micro.AddClient<IProbe>());
        var channel = host.Get<ClientChannels>().For("probe");
        var contract = ContractTable.Get(typeof(IProbe));
        var method = new ContractClient(channel).Bind((CallMethod<ProbeRequest, ProbeReply>)contract.Methods.Single(one => one.Spec.Method == "Count"));
        return (request, context) => method.ServerStreamAsync(request, context, TestContext.Current.CancellationToken);
    }
}
