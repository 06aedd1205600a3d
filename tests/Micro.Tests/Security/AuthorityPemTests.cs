using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Micro.Security;
using Micro.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Micro.Tests.Security;

/// <summary>Credentials from files that somebody else renews.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class AuthorityPemTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private const UnixFileMode KeyMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly AuthorityRig _rig = new();
    private readonly X509Certificate2 _root;
    private readonly PemCredentialOptions _options;

    public AuthorityPemTests()
    {
        _root = CertificateAuthority.CreateRoot("micro.local", TimeSpan.FromDays(10), TimeSpan.FromMinutes(1), _rig.Time.GetUtcNow());
        _options = new PemCredentialOptions { Certificate = In("tls.crt"), Key = In("tls.key"), Bundle = In("ca.crt") };
        Write(_rig.Root, Leaf());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task ID_7_New_files_are_taken_over_within_a_second()
    {
        var source = Open();
        var first = await source.GetAsync(AuthorityRig.Cart, Token);
        Assert.Equal(AuthorityRig.Cart, first.Identity);
        Assert.True(first.Leaf.HasPrivateKey && _rig.Chains(first.Leaf, first.Bundle));
        Write(_rig.Root, Leaf());
        Assert.Same(first, await source.GetAsync(AuthorityRig.Cart, Token));
        _rig.Time.Advance(Second);
        Assert.True(first.Superseded.IsCancellationRequested);
        var next = await source.GetAsync(AuthorityRig.Cart, Token);
        Assert.NotEqual(first.Leaf.SerialNumber, next.Leaf.SerialNumber);
        Assert.True(next.Bundle.Sequence > first.Bundle.Sequence);

        // Only the bundle.
        var second = CertificateAuthority.CreateRoot("micro.local", TimeSpan.FromDays(10), TimeSpan.Zero, _rig.Time.GetUtcNow());
        File.WriteAllText(_options.Bundle!, _root.ExportCertificatePem() + "\n" + second.ExportCertificatePem());
        _rig.Time.Advance(Second);
        Assert.Equal(2, (await source.GetAsync(AuthorityRig.Cart, Token)).Bundle.RootsOf("micro.local").Count);
    }

    [Fact]
    public async Task ID_7_A_Kubernetes_volume_that_turns_its_link_is_followed_within_a_second()
    {
        var mount = Directory.CreateDirectory(In("mount")).FullName;
        Write(Directory.CreateDirectory(Path.Combine(mount, "..2026_1")).FullName, Leaf());
        File.CreateSymbolicLink(Path.Combine(mount, "..data"), "..2026_1");
        foreach (var name in new[] { "tls.crt", "tls.key", "ca.crt" })
        {
            File.CreateSymbolicLink(Path.Combine(mount, name), Path.Combine("..data", name));
        }

        (_options.Certificate, _options.Key, _options.Bundle) = (Path.Combine(mount, "tls.crt"), Path.Combine(mount, "tls.key"), Path.Combine(mount, "ca.crt"));
        var source = Open();
        var last = await source.GetAsync(AuthorityRig.Cart, Token);
        for (var i = 2; i < 6; i++)
        {
            Write(Directory.CreateDirectory(Path.Combine(mount, $"..2026_{i}")).FullName, Leaf());
            File.CreateSymbolicLink(Path.Combine(mount, "..data_tmp"), $"..2026_{i}");
            using (var rename = Process.Start("mv", ["-T", Path.Combine(mount, "..data_tmp"), Path.Combine(mount, "..data")]))
            {
                rename.WaitForExit();
            }

            Directory.Delete(Path.Combine(mount, $"..2026_{i - 1}"), recursive: true);
            _rig.Time.Advance(Second);
            Assert.True(last.Superseded.IsCancellationRequested);
            last = await source.GetAsync(AuthorityRig.Cart, Token);
            Assert.Equal(0, _rig.Errors);
        }
    }

    [Theory]
    [InlineData("key of another", "no key, unencrypted and in PEM, of the certificate")]
    [InlineData("key cut", "no key, unencrypted and in PEM, of the certificate")]
    [InlineData("key encrypted", "no key, unencrypted and in PEM, of the certificate")]
    [InlineData("key gone", "cannot be read")]
    [InlineData("key open", "open to its group or other users")]
    [InlineData("certificate cut", "tls.crt")]
    [InlineData("chain cut", "truncated")]
    [InlineData("certificate empty", "no certificate in PEM")]
    [InlineData("certificate expired", "expired at")]
    [InlineData("certificate of tomorrow", "valid only from")]
    [InlineData("other service", "is of 'spiffe://micro.local/default/mailer' now")]
    [InlineData("other domain", "trust domain is 'micro.local'")]
    [InlineData("no SPIFFE id", "names no service")]
    [InlineData("two ids", "names no service")]
    [InlineData("authority", "names no service")]
    [InlineData("weak key", "1024 bits")]
    [InlineData("no key usage", "no key usage")]
    [InlineData("signs others", "keyCertSign")]
    [InlineData("servers only", "both serverAuth and clientAuth")]
    [InlineData("unknown critical extension", "unknown critical extension 1.2.3.4")]
    [InlineData("root of another", "no root of its trust domain vouches for it")]
    [InlineData("chain with a leaf", "a certificate above it: it is no CA")]
    [InlineData("chain too long", "5 is the limit")]
    [InlineData("bundle empty", "no certificate in PEM")]
    [InlineData("bundle cut", "ca.crt")]
    [InlineData("bundle open", "written by everybody")]
    public async Task ID_10_A_change_that_cannot_be_used_keeps_the_last_good_says_so_once_and_recovers(string damage, string says)
    {
        var source = Open();
        var first = await source.GetAsync(AuthorityRig.Cart, Token);
        Damage(damage);
        for (var i = 0; i < 4; i++)
        {
            _rig.Time.Advance(Second);
            Assert.Same(first, await source.GetAsync(AuthorityRig.Cart, Token));
        }

        Assert.False(first.Superseded.IsCancellationRequested);
        Assert.Contains(says, _rig.Log.Entries.Single(entry => entry.Level == LogLevel.Error).Text);
        Assert.Equal(1, _rig.Failures);
        SaysNoSecret();
        Write(_rig.Root, Leaf());
        _rig.Time.Advance(Second);
        Assert.NotSame(first, await source.GetAsync(AuthorityRig.Cart, Token));
    }

    [Theory]
    [InlineData("key of another")]
    [InlineData("key gone")]
    [InlineData("key open")]
    [InlineData("certificate expired")]
    [InlineData("no key usage")]
    [InlineData("root of another")]
    [InlineData("bundle empty")]
    public void ID_10_What_cannot_be_used_stops_the_first_load(string damage)
    {
        Damage(damage);
        var error = Assert.Throws<CredentialException>(Open);
        Assert.Contains(_rig.Root, error.Message);
        SaysNoSecret(error.ToString());
    }

    [Fact]
    public async Task ID_10_What_went_bad_and_came_back_unchanged_is_no_news()
    {
        var source = Open();
        var first = await source.GetAsync(AuthorityRig.Cart, Token);
        File.Move(_options.Key!, In("away"));
        _rig.Time.Advance(Second);
        File.Move(In("away"), _options.Key!);
        _rig.Time.Advance(Second);
        Assert.Same(first, await source.GetAsync(AuthorityRig.Cart, Token));
        Damage("key gone");
        _rig.Time.Advance(Second);
        Assert.Equal(2, _rig.Errors); // and the next time it is said again
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead, true)]
    [InlineData(UnixFileMode.GroupWrite, false)]
    [InlineData(UnixFileMode.OtherRead, false)]
    public void ID_11_A_key_its_group_can_read_needs_the_option_and_one_that_others_can_read_is_refused(UnixFileMode mode, bool isAllowed)
    {
        File.SetUnixFileMode(_options.Key!, KeyMode | mode);
        Assert.Contains("chmod", Assert.Throws<CredentialException>(Open).Message);
        _options.AllowGroupReadableKey = true;
        if (isAllowed)
        {
            Open();
        }
        else
        {
            Assert.Throws<CredentialException>(Open);
        }
    }

    [Fact]
    public async Task ID_10_A_leaf_that_is_not_renewed_is_warned_of_once_and_not_handed_out_when_it_is_over()
    {
        var source = Open();
        for (var i = 0; i < 59; i++)
        {
            _rig.Time.Advance(TimeSpan.FromMinutes(1));
        }

        await source.GetAsync(AuthorityRig.Cart, Token);
        Assert.Single(_rig.Log.Entries, entry => entry.Level == LogLevel.Warning && entry.Text.Contains("not renewed", StringComparison.Ordinal));
        _rig.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Contains("expired", (await Assert.ThrowsAsync<CredentialException>(() => source.GetAsync(AuthorityRig.Cart, Token).AsTask())).Message);
    }

    [Fact]
    public async Task ID_13_Another_identity_than_that_of_the_certificate_is_refused()
    {
        var source = Open();
        var error = await Assert.ThrowsAsync<CredentialException>(() => source.GetAsync(AuthorityRig.Mailer, Token).AsTask());
        Assert.Contains(AuthorityRig.Cart.ToString(), error.Message);
        Assert.Contains(AuthorityRig.Mailer.ToString(), error.Message);
    }

    [Fact]
    public async Task ID_12_Intermediates_RSA_keys_and_one_file_for_chain_and_key_are_taken()
    {
        using var rsa = RSA.Create(2048);
        var request = new CertificateRequest("CN=x", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var leaf = new CertificateAuthority(_root, "micro.local", TimeSpan.Zero, _rig.Time).Sign(AuthorityRig.Cart, SigningRequest.Read(request.CreateSigningRequest()), TimeSpan.FromHours(1));
        File.WriteAllText(_options.Key!, rsa.ExportPkcs8PrivateKeyPem() + "\n" + leaf.ExportCertificatePem() + "\n" + _root.ExportCertificatePem());
        _options.Certificate = _options.Key;
        var credential = await Open().GetAsync(AuthorityRig.Cart, Token);
        Assert.Equal(_root.Thumbprint, Assert.Single(credential.Intermediates).Thumbprint);
        Assert.True(credential.Leaf.HasPrivateKey);
    }

    private string In(string name) => Path.Combine(_rig.Root, name);

    private PemCredentialSource Open() =>
        _rig.Own(new PemCredentialSource(_options, _rig.Options, _rig.Time, _rig.Telemetry, _rig.Logger<PemCredentialSource>()));

    private X509Certificate2 Leaf(string id = "spiffe://micro.local/default/cart", double hours = 1) =>
        new CertificateAuthority(_root, ServiceIdentity.Parse(id).TrustDomain, TimeSpan.Zero, _rig.Time).Issue(ServiceIdentity.Parse(id), TimeSpan.FromHours(hours)).Certificate;

    private void Write(string directory, X509Certificate2 leaf, bool withKey = true)
    {
        File.WriteAllText(Path.Combine(directory, "tls.crt"), leaf.ExportCertificatePem());
        File.WriteAllText(Path.Combine(directory, "ca.crt"), _root.ExportCertificatePem());
        File.SetUnixFileMode(Path.Combine(directory, "ca.crt"), KeyMode | UnixFileMode.OtherRead);
        if (withKey)
        {
            var key = Path.Combine(directory, "tls.key");
            File.WriteAllText(key, leaf.GetECDsaPrivateKey()?.ExportPkcs8PrivateKeyPem() ?? leaf.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
            File.SetUnixFileMode(key, KeyMode);
        }
    }

    private void Damage(string damage)
    {
        string Half(string path) => File.ReadAllText(path)[..^40];
        switch (damage)
        {
            case "key of another": Write(_rig.Root, Leaf(), withKey: false); break;
            case "key cut": File.WriteAllText(_options.Key!, Half(_options.Key!)); Touch(); break;
            case "key encrypted": File.WriteAllText(_options.Key!, Leaf().GetECDsaPrivateKey()!.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 10))); Touch(); break;
            case "key gone": File.Delete(_options.Key!); break;
            case "key open": File.SetUnixFileMode(_options.Key!, KeyMode | UnixFileMode.OtherRead); break;
            case "certificate cut": File.WriteAllText(_options.Certificate!, Half(_options.Certificate!)); break;
            case "chain cut": File.AppendAllText(_options.Certificate!, "\n" + Half(_options.Bundle!)); break;
            case "certificate empty": File.WriteAllText(_options.Certificate!, ""); break;
            case "certificate expired": WriteOwn(SpiffeNames.Write(AuthorityRig.Cart.ToString()), start: -2, end: -1); break;
            case "certificate of tomorrow": WriteOwn(SpiffeNames.Write(AuthorityRig.Cart.ToString()), start: 24, end: 48); break;
            case "other service": Write(_rig.Root, Leaf(AuthorityRig.Mailer.ToString())); break;
            case "other domain": Write(_rig.Root, Leaf("spiffe://other.local/default/cart")); break;
            case "no SPIFFE id": WriteOwn(SpiffeNames.Write("https://micro.local/default/cart")); break;
            case "two ids": WriteOwn(TwoIds()); break;
            case "authority": Write(_rig.Root, _root); break;
            case "weak key": WriteWeak(); break;
            case "no key usage": WriteRooted(usage: null); break;
            case "signs others": WriteRooted(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign); break;
            case "servers only": WriteRooted(more: new X509EnhancedKeyUsageExtension([new Oid(SvidRules.ServerAuthentication)], false)); break;
            case "unknown critical extension": WriteRooted(more: new X509Extension("1.2.3.4", [5, 0], critical: true)); break;
            case "root of another": File.WriteAllText(_options.Bundle!, OtherRoot().ExportCertificatePem()); break;
            case "chain with a leaf": File.AppendAllText(_options.Certificate!, "\n" + Leaf().ExportCertificatePem()); break;
            case "chain too long": File.AppendAllText(_options.Certificate!, string.Concat(Enumerable.Repeat("\n" + _root.ExportCertificatePem(), 5))); break;
            case "bundle empty": File.WriteAllText(_options.Bundle!, "nothing"); break;
            case "bundle cut": File.WriteAllText(_options.Bundle!, Half(_options.Bundle!)); break;
            case "bundle open": File.SetUnixFileMode(_options.Bundle!, KeyMode | UnixFileMode.OtherWrite); break;
            default: throw new ArgumentOutOfRangeException(nameof(damage));
        }
    }

    // A key that is as before is looked at together with a certificate that is not.
    private void Touch() => File.SetLastWriteTimeUtc(_options.Certificate!, DateTime.UnixEpoch);

    private static X509Extension TwoIds()
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(AuthorityRig.Cart.ToString()));
        names.AddUri(new Uri(AuthorityRig.Mailer.ToString()));
        return names.Build();
    }

    private void WriteOwn(X509Extension name, int start = 0, int end = 1)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(name);
        var now = _rig.Time.GetUtcNow();
        Write(_rig.Root, request.CreateSelfSigned(now.AddHours(start), now.AddHours(end)));
    }

    // Vouched for by the root, so that it is the rule itself that refuses it.
    private void WriteRooted(X509KeyUsageFlags? usage = X509KeyUsageFlags.DigitalSignature, X509Extension? more = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(SpiffeNames.Write(AuthorityRig.Cart.ToString()));
        if (usage is { } flags)
        {
            request.CertificateExtensions.Add(new X509KeyUsageExtension(flags, critical: true));
        }

        if (more is not null)
        {
            request.CertificateExtensions.Add(more);
        }

        using var rootKey = _root.GetECDsaPrivateKey()!;
        var now = _rig.Time.GetUtcNow();
        using var leaf = request.Create(_root.SubjectName, X509SignatureGenerator.CreateForECDsa(rootKey), now, now.AddHours(1), RandomNumberGenerator.GetBytes(8));
        Write(_rig.Root, leaf.CopyWithPrivateKey(key));
    }

    private X509Certificate2 OtherRoot() => CertificateAuthority.CreateRoot("micro.local", TimeSpan.FromDays(10), TimeSpan.FromMinutes(1), _rig.Time.GetUtcNow());

    private void WriteWeak()
    {
        using var key = RSA.Create(1024);
        var request = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(SpiffeNames.Write(AuthorityRig.Cart.ToString()));
        var now = _rig.Time.GetUtcNow();
        Write(_rig.Root, request.CreateSelfSigned(now, now.AddHours(1)));
    }

    private void SaysNoSecret(params string[] texts)
    {
        if (File.Exists(_options.Key))
        {
            _rig.SaysNoSecret(texts);
        }
    }
}
