using Micro.Security;

namespace Samples.ZeroTrust;

/// <summary>
/// One that runs an authority of its own and gave itself the certificate of a teller. It knows the vault's public roots, so it is willing to talk to the vault; what it
/// lacks is the key of the vault's authority.
/// </summary>
internal sealed class Impostor(ServiceCredential own, TrustBundle ofTheVault) : ICredentialSource
{
    public ValueTask<ServiceCredential> GetAsync(ServiceIdentity identity, CancellationToken cancellationToken) =>
        new(new ServiceCredential(own.Identity, own.Leaf, own.Intermediates, ofTheVault, CancellationToken.None));
}
