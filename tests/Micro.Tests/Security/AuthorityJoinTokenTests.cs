using Micro.Security;

namespace Micro.Tests.Security;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class AuthorityJoinTokenTests : IDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly AuthorityRig _rig = new();
    private readonly JoinTokens _tokens;

    public AuthorityJoinTokenTests()
    {
        _rig.Open();
        _tokens = Open();
    }

    private string TokenDirectory => Path.Combine(_rig.Directory, "tokens");

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void ID_13_A_token_makes_the_service_it_is_for_once()
    {
        var token = _tokens.Create(AuthorityRig.Cart, Hour);
        Assert.Equal(AuthorityRig.Cart, Open().Redeem(token, AuthorityRig.Cart));
        Refused(JoinTokenFailure.AlreadyUsed, token, AuthorityRig.Cart);
        Refused(JoinTokenFailure.AlreadyUsed, token, AuthorityRig.Mailer);
    }

    [Fact]
    public async Task ID_13_Of_32_who_redeem_at_once_exactly_one_succeeds()
    {
        for (var round = 0; round < 10; round++)
        {
            var token = _tokens.Create(AuthorityRig.Cart, Hour);
            var (taken, refused) = (0, 0);
            await AuthorityRig.AtOnceAsync(32, _ =>
            {
                try
                {
                    Open().Redeem(token, AuthorityRig.Cart); // as a process of its own would
                    Interlocked.Increment(ref taken);
                }
                catch (JoinTokenException exception) when (exception.Failure == JoinTokenFailure.AlreadyUsed)
                {
                    Interlocked.Increment(ref refused);
                }
            });
            Assert.Equal((1, 31), (taken, refused));
        }
    }

    [Fact]
    public void ID_13_A_token_is_over_at_its_time()
    {
        var token = _tokens.Create(AuthorityRig.Cart, Hour);
        var other = _tokens.Create(AuthorityRig.Cart, Hour);
        _rig.Time.Advance(Hour - TimeSpan.FromSeconds(1));
        _tokens.Redeem(other, AuthorityRig.Cart);
        _rig.Time.Advance(TimeSpan.FromSeconds(1));
        Refused(JoinTokenFailure.Expired, token, AuthorityRig.Cart);
    }

    [Fact]
    public void ID_13_A_token_for_another_service_is_refused_and_stays_good_for_its_own()
    {
        var token = _tokens.Create(AuthorityRig.Cart, Hour);
        Refused(JoinTokenFailure.WrongService, token, AuthorityRig.Mailer);
        Refused(JoinTokenFailure.WrongService, token, ServiceIdentity.Parse("spiffe://micro.local/other/cart"));
        _tokens.Redeem(token, AuthorityRig.Cart);
    }

    [Fact]
    public void ID_13_Every_changed_character_makes_a_token_unknown()
    {
        var token = _tokens.Create(AuthorityRig.Cart, Hour);
        Assert.Equal(65, token.Length);
        for (var i = 0; i < token.Length; i++)
        {
            // The last character carries four bits and two that have to be zero.
            var changed = token[..i] + (token[i] == 'A' ? 'Q' : 'A') + token[(i + 1)..];
            Refused(JoinTokenFailure.Unknown, changed, AuthorityRig.Cart);
            Refused(JoinTokenFailure.Unknown, token[..i], AuthorityRig.Cart);
        }

        _tokens.Redeem(token, AuthorityRig.Cart);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("mjt1_../../../../etc/pw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("mjt1_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("mjt2_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("mjt1_0123456789ABCDEF_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("mjt1_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAA AAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("mjt1_0123456789abcdef_****************************************é")]
    public void ID_13_Garbage_is_unknown(string? token) => Refused(JoinTokenFailure.Unknown, token, AuthorityRig.Cart);

    [Fact]
    public void ID_11_Only_a_hash_of_a_token_is_kept_in_a_file_of_the_owner()
    {
        var token = _tokens.Create(AuthorityRig.Cart, Hour);
        var file = Directory.GetFiles(TokenDirectory).Single();
        var secret = token[^43..];
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.DoesNotContain(secret, file + File.ReadAllText(file));
        Assert.DoesNotContain(Convert.ToBase64String(System.Buffers.Text.Base64Url.DecodeFromChars(secret)), File.ReadAllText(file));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Contains(file, Assert.Throws<CredentialException>(() => _tokens.Redeem(token, AuthorityRig.Cart)).Message);
        Assert.DoesNotContain(secret, JoinToken.TryRead(token)!.Value.ToString());
    }

    [Fact]
    public void ID_10_A_damaged_token_file_is_refused()
    {
        var token = _tokens.Create(AuthorityRig.Cart, Hour);
        var file = Directory.GetFiles(TokenDirectory).Single();
        _rig.Overwrite(file, File.ReadAllBytes(file)[..^3]);
        var error = Assert.Throws<CredentialException>(() => _tokens.Redeem(token, AuthorityRig.Cart));
        Assert.DoesNotContain(token[^43..], error.ToString());
    }

    [Fact]
    public void ID_13_What_is_over_for_a_day_is_forgotten()
    {
        var used = _tokens.Create(AuthorityRig.Cart, Hour);
        _tokens.Redeem(used, AuthorityRig.Cart);
        var unused = _tokens.Create(AuthorityRig.Cart, Hour);
        _rig.Time.Advance(Hour + TimeSpan.FromDays(1));
        _tokens.Create(AuthorityRig.Cart, Hour);
        Assert.Equal(3, Directory.GetFiles(TokenDirectory).Length);
        _rig.Time.Advance(TimeSpan.FromSeconds(1));
        _tokens.Create(AuthorityRig.Cart, Hour);
        Assert.Equal(2, Directory.GetFiles(TokenDirectory).Length);
        Refused(JoinTokenFailure.Unknown, used, AuthorityRig.Cart);
        Refused(JoinTokenFailure.Unknown, unused, AuthorityRig.Cart);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(-1)]
    [InlineData(86400 * 30.1)]
    public void ID_13_A_token_is_good_for_1_second_to_30_days(double seconds) =>
        Assert.Throws<CredentialException>(() => _tokens.Create(AuthorityRig.Cart, TimeSpan.FromSeconds(seconds)));

    private JoinTokens Open() => new(_rig.Directory, _rig.Time);

    private void Refused(JoinTokenFailure failure, string? token, ServiceIdentity service)
    {
        var error = Assert.Throws<JoinTokenException>(() => _tokens.Redeem(token, service));
        Assert.Equal(failure, error.Failure);
        if (token is { Length: > 60 })
        {
            Assert.DoesNotContain(token[^30..], error.ToString());
        }
    }
}
