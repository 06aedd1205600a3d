using Micro.Cli.Requests;
using Micro.Cli.Terminal;
using Micro.Rpc;

namespace Micro.Cli.Commands;

/// <summary>Finds a service and asks it what it can do.</summary>
internal sealed class ServiceInquiry(ToolHost host, ToolConsole console, ToolSettings settings)
{
    /// <summary>Longer than a call has: a first call finds the service cold, and this one is only for the tool's own knowledge.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="service">Name of the service.</param>
    /// <param name="address">Which instance to ask; null for any.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ToolException">There is no such service.</exception>
    /// <exception cref="CallException">It did not answer.</exception>
    /// <exception cref="RefusedCallException">The tool may not ask it.</exception>
    public async Task<MethodFinder> DescribeAsync(string service, Uri? address, CancellationToken cancellationToken)
    {
        if (address is null)
        {
            await host.Lookup.RequireAsync(service, cancellationToken);
        }

        var description = await new RefusalAdvice(console.CommandName, settings, service, address).AdviseAsync(
            ReflectionContract.Name,
            withToken: false,
            () => host.Reflection.DescribeAsync(service, new CallOptions { Address = address, Timeout = Patience }, cancellationToken));
        var finder = new MethodFinder(service, description);
        if (finder.Contracts.Count > 0)
        {
            return finder;
        }

        var where = address is not null ? $"The process at {address}" : $"The instance of '{service}' that answered";
        var served = description.Contracts.Select(contract => contract.Service).Distinct().Order(StringComparer.Ordinal);
        throw ToolException.Discovery($"{where} does not serve '{service}'. It serves: {string.Join(", ", served)}.");
    }
}
