using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using global::Google.Protobuf;
using Micro.Grpc.Security;
using Micro.Security;
using Micro.Testing.Security;
using Micro.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Micro.Grpc.Tests.Security;

/// <summary>What an agent says and is not to be used.</summary>
public sealed class WorkloadRefusalTests : IAsyncLifetime
{
    private readonly WorkloadRig _rig = new();
    private readonly ForgedCertificate _root = CertificateDesign.Authority.Sign();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _rig.Agent.StartAsync();
        _rig.Agent.Say(_rig.Response("cart"));
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData("no message", "it is no X509SVIDResponse: A field is longer than the message")]
    [InlineData("cut message", "it is no X509SVIDResponse: A field is longer than the message")]
    [InlineData("group", "it is no X509SVIDResponse: A field has an unknown form")]
    [InlineData("endless number", "it is no X509SVIDResponse: A number has more than ten bytes")]
    [InlineData("empty message", "no identity in it")]
    [InlineData("no certificate", "lacks its certificate, its key or its bundle")]
    [InlineData("no key", "lacks its certificate, its key or its bundle")]
    [InlineData("no bundle", "lacks its certificate, its key or its bundle")]
    [InlineData("certificate cut", "the chain of spiffe://micro.local/default/cart has a certificate that cannot be read")]
    [InlineData("certificate with a tail", "the chain of spiffe://micro.local/default/cart has a certificate that cannot be read")]
    [InlineData("certificate of noise", "the chain of spiffe://micro.local/default/cart has a certificate that cannot be read")]
    [InlineData("chain too long", "more than 5 certificates")]
    [InlineData("bundle cut", "the bundle of spiffe://micro.local/default/cart has a certificate that cannot be read")]
    [InlineData("bundle too long", "more than 100 certificates")]
    [InlineData("key of another", "without the key of its certificate")]
    [InlineData("key cut", "without the key of its certificate")]
    [InlineData("key with a tail", "without the key of its certificate")]
    [InlineData("key encrypted", "without the key of its certificate")]
    [InlineData("key of another kind", "without the key of its certificate")]
    [InlineData("weak key", "1024 bits")]
    [InlineData("no SPIFFE id", "is not a SPIFFE id")]
    [InlineData("other domain", "gives the identity 'spiffe://other.test/default/cart', and the trust domain here is 'micro.local'")]
    [InlineData("other id than the certificate's", "said to be of spiffe://micro.local/default/cart is of spiffe://micro.local/default/mailer")]
    [InlineData("root of another", "no root of its trust domain vouches for it")]
    [InlineData("vouched for by a foreign root", "no root of its trust domain vouches for it")]
    [InlineData("no key usage", "it has no key usage")]
    [InlineData("authority", "a CA authenticates nobody")]
    [InlineData("servers only", "both serverAuth and clientAuth")]
    [InlineData("two ids", "it names 2 URIs")]
    [InlineData("expired", "expired at")]
    [InlineData("of tomorrow", "not valid before")]
    [InlineData("one good and one bad", "it has no key usage")]
    [InlineData("federated cut", "the federated bundle of other.test has a certificate that cannot be read")]
    [InlineData("federated twice", "two federated bundles of 'other.test'")]
    [InlineData("federated of its own", "federated bundle of 'micro.local'")]
    [InlineData("federated of nobody", "federated bundle of 'not a domain'")]
    public async Task ID_10_A_message_that_cannot_be_used_keeps_the_last_good_says_so_and_recovers(string damage, string says)
    {
        var source = _rig.Open();
        var first = await source.GetAsync(WorkloadRig.Cart, Token);
        var bad = Damage(damage, out var key);
        _rig.Agent.Say(bad);
        await Wait.UntilAsync(() => _rig.Log.Entries.Any(entry => entry.Level == LogLevel.Error), "it is told");
        Assert.Contains(says, _rig.Log.Entries.Single(entry => entry.Level == LogLevel.Error).Text);
        Assert.Equal(1, _rig.Failures);
        Assert.Same(first, await source.GetAsync(WorkloadRig.Cart, Token));
        Assert.False(first.Superseded.IsCancellationRequested);
        _rig.SaysNoSecret(key);

        // The stream goes on.
        _rig.Agent.Say(_rig.Response("cart"));
        await _rig.SupersededAsync(first);
        Assert.NotEqual(first.Leaf.SerialNumber, (await source.GetAsync(WorkloadRig.Cart, Token)).Leaf.SerialNumber);
        Assert.Single(_rig.Agent.Calls);
    }

    [Theory]
    [InlineData("no message")]
    [InlineData("certificate cut")]
    [InlineData("key of another")]
    [InlineData("other domain")]
    [InlineData("no key usage")]
    public async Task ID_10_As_the_first_message_it_stops_the_start_at_once_and_a_later_one_heals(string damage)
    {
        _rig.Agent.Say(Damage(damage, out var key));
        var source = _rig.Open();
        var error = await Assert.ThrowsAsync<CredentialException>(() => source.FirstAsync(Token));
        Assert.Contains("cannot be used", error.Message);
        _rig.SaysNoSecret(key, error.ToString());
        _rig.Agent.Say(_rig.Response("cart"));
        await Wait.UntilAsync(() => source.GetAsync(WorkloadRig.Cart, Token) is { IsCompletedSuccessfully: true }, "it heals");
    }

    [Fact]
    public async Task ID_12_RSA_keys_are_taken()
    {
        var leaf = Leaf() with { Key = () => RSA.Create(2048) };
        _rig.Agent.Say(Of(leaf));
        Assert.NotNull((await _rig.Open().GetAsync(WorkloadRig.Cart, Token)).Leaf.GetRSAPrivateKey());
    }

    private static CertificateDesign Leaf() => new CertificateDesign().WithId(WorkloadRig.Cart.ToString());

    private X509SVIDResponse Of(CertificateDesign design) => new() { Svids = { Svid(design) } };

    private X509SVID Svid(CertificateDesign design)
    {
        var leaf = design.Sign(_root);
        return new X509SVID
        {
            SpiffeId = WorkloadRig.Cart.ToString(),
            X509Svid = WorkloadRig.Der(leaf.Certificate),
            X509SvidKey = WorkloadRig.KeyOf(leaf.Certificate),
            Bundle = WorkloadRig.Der(_root.Certificate),
        };
    }

    private byte[] Damage(string damage, out ByteString key)
    {
        var response = _rig.Response("cart");
        var svid = response.Svids[0];
        key = svid.X509SvidKey;
        switch (damage)
        {
            case "no message": return [0x0a, 0x7f, 1];
            case "cut message": return response.ToByteArray()[..^9];
            case "group": return [0x0b, 0x0c];
            case "endless number": return [0x08, .. Enumerable.Repeat((byte)0xff, 11)];
            case "empty message": return [];
            case "no certificate": svid.X509Svid = ByteString.Empty; break;
            case "no key": svid.X509SvidKey = ByteString.Empty; break;
            case "no bundle": svid.Bundle = ByteString.Empty; break;
            case "certificate cut": svid.X509Svid = Cut(svid.X509Svid); break;
            case "certificate with a tail": svid.X509Svid = Tail(svid.X509Svid); break;
            case "certificate of noise": svid.X509Svid = ByteString.CopyFrom(0x30, 3, 2, 1, 1); break;
            case "chain too long": svid.X509Svid = ByteString.CopyFrom([.. Enumerable.Repeat(svid.X509Svid, 6).SelectMany(one => one)]); break;
            case "bundle cut": svid.Bundle = Cut(svid.Bundle); break;
            case "bundle too long": svid.Bundle = ByteString.CopyFrom([.. Enumerable.Repeat(svid.Bundle, 101).SelectMany(one => one)]); break;
            case "key cut": svid.X509SvidKey = Cut(key); break;
            case "key with a tail": svid.X509SvidKey = Tail(key); break;
            case "other domain": response.Svids[0] = WorkloadRig.Svid(new TestCertificateAuthority("other.test", _rig.Time).Issue("cart")); break;
            case "no SPIFFE id": svid.SpiffeId = "spiffe://micro.local/"; break;
            case "root of another": svid.Bundle = WorkloadRig.Der(_root.Certificate); break;
            case "vouched for by a foreign root":
                (var own, svid.Bundle) = (svid.Bundle, WorkloadRig.Der(_root.Certificate));
                response.FederatedBundles.Add("spiffe://other.test", own);
                break;
            case "one good and one bad": response.Svids.Add(Svid(Leaf() with { KeyUsage = null })); break;
            case "federated cut": response.FederatedBundles.Add("spiffe://other.test", Cut(svid.Bundle)); break;
            case "federated twice":
                response.FederatedBundles.Add("spiffe://other.test", svid.Bundle);
                response.FederatedBundles.Add("spiffe://OTHER.test", svid.Bundle);
                break;
            case "federated of its own": response.FederatedBundles.Add("spiffe://micro.local", WorkloadRig.Der(_root.Certificate)); break;
            case "federated of nobody": response.FederatedBundles.Add("not a domain", svid.Bundle); break;
            default:
                response.Svids[0] = DamageLeaf(damage, svid);
                key = response.Svids[0].X509SvidKey;
                break;
        }

        return response.ToByteArray();
    }

    private X509SVID DamageLeaf(string damage, X509SVID svid)
    {
        switch (damage)
        {
            case "key of another":
                svid.X509SvidKey = WorkloadRig.KeyOf(_rig.Authority.Issue("cart").Leaf);
                return svid;
            case "key encrypted":
                using (var key = ECDsa.Create())
                {
                    key.ImportPkcs8PrivateKey(svid.X509SvidKey.Span, out _);
                    svid.X509SvidKey = ByteString.CopyFrom(key.ExportEncryptedPkcs8PrivateKey("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 10)));
                    return svid;
                }

            case "key of another kind":
                using (var key = RSA.Create(2048))
                {
                    svid.X509SvidKey = ByteString.CopyFrom(key.ExportPkcs8PrivateKey());
                    return svid;
                }

            case "weak key": return Svid(Leaf() with { Key = () => RSA.Create(1024) });
            case "other id than the certificate's": return Svid(Leaf().WithId(WorkloadRig.Mailer.ToString()));
            case "no key usage": return Svid(Leaf() with { KeyUsage = null });
            case "authority": return Svid(Leaf() with { IsAuthority = true });
            case "servers only": return Svid(Leaf() with { Purposes = [CertificateDesign.ServerAuth] });
            case "two ids": return Svid(Leaf() with { Names = [[(CertificateDesign.UriName, WorkloadRig.Cart.ToString()), (CertificateDesign.UriName, WorkloadRig.Mailer.ToString())]] });

            // Within the skew that peers are forgiven.
            case "expired": return Svid(Leaf() with { NotAfter = CertificateDesign.Now.AddSeconds(-10) });
            case "of tomorrow": return Svid(Leaf() with { NotBefore = CertificateDesign.Now.AddDays(1), NotAfter = CertificateDesign.Now.AddDays(2) });
            default: throw new ArgumentOutOfRangeException(nameof(damage));
        }
    }

    private static ByteString Cut(ByteString bytes) => ByteString.CopyFrom(bytes.Span[..^3]);

    private static ByteString Tail(ByteString bytes) => ByteString.CopyFrom([.. bytes.Span, 0]);
}
