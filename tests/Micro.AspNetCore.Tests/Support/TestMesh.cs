using System.Collections.Concurrent;
using Micro.Security;
using Micro.Testing.Security;
using Micro.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Micro.AspNetCore.Tests.Support;

/// <summary>A trust domain for tests: its authority, whose bundle and leaves the test replaces, and both sides of connections in it.</summary>
internal sealed class TestMesh : ICredentialSource
{
    private readonly ConcurrentDictionary<ServiceIdentity, (ServiceCredential Credential, CancellationTokenSource Superseded)> _credentials = new();
    private readonly TimeProvider _clock;

    public TestMesh(TestCertificateAuthority? authority = null, TimeProvider? clock = null, MicroSecurityOptions? options = null)
    {
        _clock = clock ?? TimeProvider.System;
        Authority = authority ?? new TestCertificateAuthority("micro.local");
        Bundle = Authority.Bundle;
        Options = options ?? new MicroSecurityOptions();
        Security = new PeerSecurity(this, new MutualTls(new SvidValidator(_clock), _clock), Options, _clock, NullLogger<PeerSecurity>.Instance);
    }

    public TestCertificateAuthority Authority { get; set; }

    public TrustBundle Bundle { get; private set; }

    public MicroSecurityOptions Options { get; }

    public PeerSecurity Security { get; }

    public ValueTask<ServiceCredential> GetAsync(ServiceIdentity identity, CancellationToken cancellationToken) => new(_credentials.GetOrAdd(identity, Issue).Credential);

    /// <summary>Everybody gets a new leaf and this bundle.</summary>
    public void Replace(TrustBundle bundle)
    {
        Bundle = bundle;
        foreach (var (identity, old) in _credentials.ToArray())
        {
            _credentials[identity] = Issue(identity);
            old.Superseded.Cancel();
        }
    }

    public ConnectionTarget Target(string service, string caller = "caller") =>
        new(service, Security.Between(Security.IdentityOf(caller), Security.IdentityOf(service)));

    /// <summary>What a server of this trust domain needs, as the process that the name says.</summary>
    public void AddTo(IServiceCollection services, string name)
    {
        services.TryAddSingleton(_clock);
        services.AddMicroSecurity();
        services.Replace(ServiceDescriptor.Singleton<ICredentialSource>(this));
        services.AddSingleton(new Micro.Rpc.LocalService(name));
    }

    private (ServiceCredential Credential, CancellationTokenSource Superseded) Issue(ServiceIdentity identity)
    {
        var superseded = new CancellationTokenSource();
        return (Authority.Issue(identity.Service!, identity.Namespace!, Options.LeafLifetime, Bundle, superseded), superseded);
    }
}
