namespace Micro.Security;

/// <summary>
/// Where the services of this process get their certificates from: the local authority, files, a SPIFFE Workload API, an authority service. Renews by itself.
/// Thread-safe.
/// </summary>
public interface ICredentialSource
{
    /// <summary>
    /// The newest credential of a service. Completes synchronously once there is one. A renewal that fails keeps the last good one, as long as it is valid.
    /// </summary>
    /// <param name="identity">Whom to be; the source refuses what this process is not entitled to.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="CredentialException">There is none to be had; the message says why and what to do, without key material.</exception>
    ValueTask<ServiceCredential> GetAsync(ServiceIdentity identity, CancellationToken cancellationToken);
}
