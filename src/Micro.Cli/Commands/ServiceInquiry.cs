using Micro.Cli.Requests;
using Micro.Rpc;

namespace Micro.Cli.Commands;

/// <summary>Finds a service and asks it what it can do.</summary>
internal sealed class ServiceInquiry(ToolHost host)
{
    /// <param name="service">Name of the service.</param>
    /// <param name="options">Address and time limit of the question.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ToolException">There is no such service.</exception>
    /// <exception cref="CallException">It did not answer.</exception>
    public async Task<MethodFinder> DescribeAsync(string service, CallOptions options, CancellationToken cancellationToken)
    {
        if (options.Address is null)
        {
            await host.Lookup.RequireAsync(service, cancellationToken);
        }

        var description = await host.Reflection.DescribeAsync(service, options, cancellationToken);
        var finder = new MethodFinder(service, description);
        if (finder.Contracts.Count > 0)
        {
            return finder;
        }

        var where = options.Address is { } address ? $"The process at {address}" : $"The instance of '{service}' that answered";
        var served = description.Contracts.Select(contract => contract.Service).Distinct().Order(StringComparer.Ordinal);
        throw ToolException.Discovery($"{where} does not serve '{service}'. It serves: {string.Join(", ", served)}.");
    }
}
