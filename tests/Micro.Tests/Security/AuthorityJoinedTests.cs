using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Micro.Security;

namespace Micro.Tests.Security;

/// <summary>What a service that joined keeps, and what it takes over from the authority.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class AuthorityJoinedTests : IDisposable
{
    private readonly AuthorityRig _rig = new();
    private readonly LocalAuthority _authority;
    private readonly JoinedFile _file;

    public AuthorityJoinedTests()
    {
        _authority = _rig.Open();
        _file = new JoinedFile(Path.Combine(_rig.Root, "joined"), AuthorityRig.Cart);
    }

    private SvidValidator Validator => new(_rig.Time);

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void ID_11_What_is_kept_is_read_again_and_closed_to_others()
    {
        Assert.Null(_file.Read(Validator, _rig.Time.GetUtcNow()));
        var joined = Join();
        _file.Write(joined);
        var read = _file.Read(Validator, _rig.Time.GetUtcNow())!;
        Assert.Equal(joined.Leaf.SerialNumber, read.Leaf.SerialNumber);
        Assert.True(read.Leaf.HasPrivateKey);
        Assert.Equal(joined.IssuedAt, read.IssuedAt);
        Assert.Equal(joined.Bundle.Sequence, read.Trust.Sequence);

        File.SetUnixFileMode(_file.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        Assert.Contains("chmod 600", Assert.Throws<CredentialException>(() => _file.Read(Validator, _rig.Time.GetUtcNow())).Message);
    }

    [Fact]
    public void ID_10_What_is_damaged_is_refused_by_name_and_what_is_over_is_not_there()
    {
        _file.Write(Join());
        _rig.Time.Advance(TimeSpan.FromHours(2));
        Assert.Null(_file.Read(Validator, _rig.Time.GetUtcNow()));

        _rig.Overwrite(_file.Path, [.. File.ReadAllBytes(_file.Path), (byte)' ']);
        Assert.Contains(_file.Path, Assert.Throws<CredentialException>(() => _file.Read(Validator, _rig.Time.GetUtcNow())).Message);
        _rig.Overwrite(_file.Path, VersionedFile.Frame("micro-identity", 1, "{\"key\":\"AAAA\"}"u8));
        Assert.Contains("join again", Assert.Throws<CredentialException>(() => _file.Read(Validator, _rig.Time.GetUtcNow())).Message);
        _rig.Overwrite(_file.Path, VersionedFile.Frame("micro-identity", 2, "{}"u8));
        Assert.Contains("newer Micro", Assert.Throws<CredentialException>(() => _file.Read(Validator, _rig.Time.GetUtcNow())).Message);
    }

    [Fact]
    public void ID_13_A_leaf_of_somebody_else_or_for_another_key_is_not_taken()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Contains("cannot be used", Refused(AuthorityRig.Cart, Answer(AuthorityRig.Cart, other)));
        Assert.Contains("No peer would take", Refused(AuthorityRig.Cart, Answer(AuthorityRig.Mailer, key)));
        Assert.Contains("no certificate", Refused(AuthorityRig.Cart, Answer(AuthorityRig.Cart, key) with { Chain = [] }));
        Assert.Contains("cannot be used", Refused(AuthorityRig.Cart, Answer(AuthorityRig.Cart, key) with { Chain = [[1, 2, 3]] }));
        var answer = Answer(AuthorityRig.Cart, key);
        Assert.Contains("0 roots", Refused(AuthorityRig.Cart, answer with { Bundle = answer.Bundle with { Roots = [] } }));
        Assert.Contains("trust domain 'other'", Refused(AuthorityRig.Cart, answer with { Bundle = answer.Bundle with { TrustDomain = "other" } }));

        string Refused(ServiceIdentity identity, AuthorityLeaf reply) =>
            Assert.Throws<CredentialException>(() => JoinedCredential.Create(identity, reply, key, _rig.Time.GetUtcNow(), Validator)).Message;
    }

    [Fact]
    public async Task ID_10_A_bundle_that_is_older_or_has_nothing_to_do_with_the_last_is_not_taken()
    {
        var joined = Join();
        await _authority.RevokeAsync(AuthorityRig.Mailer, TestContext.Current.CancellationToken);
        var next = joined.With(AuthorityBundle.Of(_authority.State));
        Assert.True(next.Trust.IsRevoked(AuthorityRig.Mailer, ""));
        Assert.Equal(joined.Leaf.SerialNumber, next.Leaf.SerialNumber);
        Assert.Contains("in use here", Assert.Throws<CredentialException>(() => next.With(joined.Bundle)).Message);

        await _authority.ReplaceAsync(TestContext.Current.CancellationToken);
        var replaced = AuthorityBundle.Of(_authority.State);
        Assert.Contains("none of the roots", Assert.Throws<CredentialException>(() => next.With(replaced with { ReplacesAll = false })).Message);
        Assert.Equal(replaced.Sequence, next.With(replaced).Trust.Sequence);
    }

    [Theory]
    [InlineData("")]
    [InlineData("mjt1_")]
    [InlineData("{0}")]
    [InlineData("{0}.")]
    [InlineData("{0}.AAAA")]
    [InlineData("{0}.{1}.")]
    [InlineData("{0}.{1}.{1}.{1}.{1}.{1}")]
    [InlineData("x{0}.{1}")]
    public void ID_13_A_token_without_what_it_is_pinned_to_is_none_and_is_not_quoted(string form)
    {
        var token = new JoinTokens(_rig.Directory, _rig.Time).Create(AuthorityRig.Cart, TimeSpan.FromHours(1));
        var pinned = PinnedJoinToken.Write(token, _authority.State, _rig.Time.GetUtcNow());
        Assert.True(PinnedJoinToken.Read($" {pinned}\n").Pins(_authority.State.Roots[0].Certificate));
        using var stranger = CertificateAuthority.CreateRoot("micro.local", TimeSpan.FromDays(30), TimeSpan.Zero, _rig.Time.GetUtcNow());
        Assert.False(PinnedJoinToken.Read(pinned).Pins(stranger));

        var text = form.Replace("{0}", token, StringComparison.Ordinal).Replace("{1}", pinned[66..], StringComparison.Ordinal);
        Assert.DoesNotContain(token[22..], Assert.Throws<CredentialException>(() => PinnedJoinToken.Read(text)).ToString());
        Assert.DoesNotContain(token[22..], PinnedJoinToken.Read(pinned).ToString());
        Assert.DoesNotContain(token[22..], new AuthorityJoin(token, "a", []).ToString());
    }

    [Theory]
    [InlineData(null, null, "Address is not set")]
    [InlineData("grpc+insecure://a:1", null, "which both mean TLS")]
    [InlineData("a:7443", null, "'a:7443'")]
    [InlineData("grpc://a:1", "ftp://a:1", "JoinAddress")]
    [InlineData("grpc://a", null, "no address")]
    public void Addresses_that_cannot_be_meant_are_refused(string? address, string? join, string reason) => Assert.Contains(
        reason, new AuthorityCredentialOptionsValidation().Validate(null, new AuthorityCredentialOptions { Address = address, JoinAddress = join }).FailureMessage);

    [Fact]
    public void Several_addresses_are_taken_in_order()
    {
        Assert.True(new AuthorityCredentialOptionsValidation().Validate(null, new AuthorityCredentialOptions { Address = "grpc://a:1; http://b:2" }).Succeeded);
        Assert.Equal([new Uri("grpc://a:1"), new Uri("http://b:2")], AuthorityCredentialOptionsValidation.Addresses("grpc://a:1; http://b:2"));
    }

    private JoinedCredential Join()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return JoinedCredential.Create(AuthorityRig.Cart, Answer(AuthorityRig.Cart, key), key, _rig.Time.GetUtcNow(), Validator);
    }

    private AuthorityLeaf Answer(ServiceIdentity identity, ECDsa key)
    {
        var request = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256).CreateSigningRequest();
        using var leaf = _authority.Sign(identity, SigningRequest.Read(request));
        return new AuthorityLeaf([leaf.RawData], AuthorityBundle.Of(_authority.State));
    }
}
