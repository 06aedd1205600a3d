using Micro.Security;
using Micro.Testing.Security;
using Microsoft.Extensions.Time.Testing;

namespace Micro.Tests.Security;

public sealed class TestCertificateAuthorityTests
{
    private readonly FakeTimeProvider _time = new(Support.CertificateDesign.Now);

    [Fact]
    public void What_it_issues_is_good_for_as_long_as_it_says()
    {
        var authority = new TestCertificateAuthority(time: _time);
        var credential = authority.Issue("greeter", lifetime: TimeSpan.FromMinutes(10));

        SvidRig.Accepted(Check(credential, authority.Bundle));
        Assert.Equal(_time.GetUtcNow().AddMinutes(10), Check(credential, authority.Bundle).NotAfter);
        Assert.True(credential.Leaf.HasPrivateKey);
        Assert.Same(authority.Bundle, credential.Bundle);
        _time.Advance(TimeSpan.FromMinutes(12));
        SvidRig.Refused("expired", Check(credential, authority.Bundle));
    }

    [Fact]
    public void What_an_authority_below_issues_carries_its_chain()
    {
        var root = new TestCertificateAuthority("Micro.Test", _time);
        var credential = root.CreateIntermediate().CreateIntermediate().Issue("greeter");

        Assert.Equal(2, credential.Intermediates.Count);
        Assert.DoesNotContain(credential.Intermediates, one => one.HasPrivateKey);
        SvidRig.Accepted(Check(credential, root.Bundle));
    }

    [Fact]
    public void A_bundle_of_several_keeps_domains_apart_and_knows_what_was_revoked()
    {
        var (own, next, other) = (new TestCertificateAuthority(time: _time), new TestCertificateAuthority(time: _time), new TestCertificateAuthority("other.test", _time));
        var revoked = next.Issue("admin");
        var bundle = TestCertificateAuthority.BundleOf([own, next, other], 7, revokedSerials: [revoked.Leaf.GetSerialNumberString()]);

        Assert.Equal((7, 2), (bundle.Sequence, bundle.RootsOf("micro.test").Count));
        SvidRig.Accepted(Check(next.Issue("greeter"), bundle));
        SvidRig.Accepted(Check(other.Issue("greeter"), bundle), "spiffe://other.test/default/greeter");
        SvidRig.Refused("revoked", Check(revoked, bundle));
        SvidRig.Refused("nobody of the trust domain", Check(other.Issue("greeter"), own.Bundle));
    }

    private PeerIdentity Check(ServiceCredential credential, TrustBundle bundle) =>
        new SvidValidator(_time).Authenticate(new PeerEvidence(credential.Leaf, credential.Intermediates, bundle));
}
