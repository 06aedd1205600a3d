using Micro.Rpc;
using Micro.Security;

namespace Micro.AspNetCore.Hosting;

/// <summary>The services this process can be asked for: those of the contracts it serves, and those it was added as.</summary>
internal sealed class ServedServices(IEnumerable<HostedContract> contracts, IEnumerable<LocalService> own)
{
    /// <summary>The first is who answers a client that names nobody.</summary>
    /// <exception cref="FormatException">A name cannot be part of a SPIFFE id.</exception>
    public IReadOnlyList<ServiceIdentity> Identities(PeerSecurity security) =>
        [.. own.Select(service => service.Name).Concat(contracts.Where(contract => contract.IsRegistered).Select(contract => contract.Contract.Service)).Distinct().Select(security.IdentityOf)];
}
