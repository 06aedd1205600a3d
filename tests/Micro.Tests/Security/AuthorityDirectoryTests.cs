using System.Diagnostics;
using System.Text;
using Micro.Security;

namespace Micro.Tests.Security;

/// <summary>The files of the local authority: how they are made, and when they are refused.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class AuthorityDirectoryTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly AuthorityRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task ID_11_The_directory_is_0700_and_every_file_in_it_0600()
    {
        var authority = _rig.Open();
        await authority.RollAsync(TestContext.Current.CancellationToken);
        _ = new JoinTokens(_rig.Directory, _rig.Time).Create(AuthorityRig.Cart, TimeSpan.FromHours(1));
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(_rig.Directory));
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(_rig.Directory, "tokens")));
        var files = Directory.GetFiles(_rig.Directory, "*", SearchOption.AllDirectories);
        Assert.Equal(5, files.Length); // bundle, two keys, lock, token
        Assert.All(files, file => Assert.Equal(OwnerOnly, File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task ID_11_Sixteen_that_start_at_once_get_one_root()
    {
        var fingerprints = new string[16];
        await AuthorityRig.AtOnceAsync(16, i =>
        {
            var authority = _rig.Open();
            fingerprints[i] = authority.State.Roots.Single().Fingerprint;
            authority.Issue(AuthorityRig.Cart);
        });
        Assert.Single(fingerprints.Distinct());
        Assert.Single(Directory.GetFiles(_rig.Directory, "root-*"));
        Assert.Empty(Directory.GetFiles(_rig.Directory, "*.new"));
    }

    [Fact]
    public async Task ID_11_What_a_killed_process_left_half_made_is_trusted_by_nobody_and_removed()
    {
        SecretFile.OpenDirectory(_rig.Directory);
        string[] left = ["root-00112233445566778899aabbccddeeff.key", "root-0011.key.8f2c.new", "authority.bundle.77aa.new"];
        foreach (var name in left)
        {
            File.WriteAllText(Path.Combine(_rig.Directory, name), "half");
            File.SetUnixFileMode(Path.Combine(_rig.Directory, name), OwnerOnly);
        }

        var authority = _rig.Open();
        authority.Issue(AuthorityRig.Cart);
        Assert.Equal([_rig.KeyPath], Directory.GetFiles(_rig.Directory, "root-*"));

        // Later, too: left by a roll that was killed.
        File.WriteAllText(Path.Combine(_rig.Directory, left[0]), "half");
        await authority.RevokeAsync(AuthorityRig.Mailer, TestContext.Current.CancellationToken);
        Assert.Equal([_rig.KeyPath], Directory.GetFiles(_rig.Directory, "root-*"));
        Assert.Empty(Directory.GetFiles(_rig.Directory, "*.new"));
    }

    [Fact]
    public void ID_11_A_directory_that_is_a_link_is_refused()
    {
        var elsewhere = Directory.CreateDirectory(Path.Combine(_rig.Root, "elsewhere"), OwnerOnly | UnixFileMode.UserExecute);
        Directory.CreateSymbolicLink(_rig.Directory, elsewhere.FullName);
        Refused(_rig.Directory, "symbolic link");
        Assert.Empty(elsewhere.EnumerateFileSystemInfos());
    }

    [Theory]
    [InlineData("authority.bundle")]
    [InlineData("key")]
    [InlineData("lock")]
    public async Task ID_11_A_file_that_is_a_link_is_refused(string which)
    {
        var authority = _rig.Open();
        var path = which == "key" ? _rig.KeyPath : Path.Combine(_rig.Directory, which);
        var moved = Path.Combine(_rig.Root, "moved");
        File.Move(path, moved);
        File.CreateSymbolicLink(path, moved);
        if (which == "lock")
        {
            var error = await Assert.ThrowsAsync<CredentialException>(() => authority.RollAsync(TestContext.Current.CancellationToken));
            Assert.Contains("symbolic link", error.Message);
            return;
        }

        Refused(path, "symbolic link");
    }

    [Theory]
    [InlineData("bundle", UnixFileMode.GroupRead)]
    [InlineData("bundle", UnixFileMode.OtherWrite)]
    [InlineData("key", UnixFileMode.GroupRead)]
    [InlineData("key", UnixFileMode.OtherRead)]
    [InlineData("directory", UnixFileMode.GroupExecute)]
    [InlineData("directory", UnixFileMode.OtherRead)]
    public void ID_11_What_others_can_open_is_refused_with_the_remedy(string which, UnixFileMode others)
    {
        _rig.Open();
        var path = which switch { "bundle" => _rig.Bundle, "key" => _rig.KeyPath, _ => _rig.Directory };
        File.SetUnixFileMode(path, File.GetUnixFileMode(path) | others);
        Refused(path, "chmod");
    }

    [Theory]
    [InlineData("bundle")]
    [InlineData("key")]
    [InlineData("directory")]
    public void ID_11_What_belongs_to_another_user_is_refused(string which)
    {
        Assert.SkipUnless(Environment.UserName == "root", "Only root can give a file away.");
        _rig.Open();
        var path = which switch { "bundle" => _rig.Bundle, "key" => _rig.KeyPath, _ => _rig.Directory };
        using (var chown = Process.Start("chown", ["65534", path]))
        {
            chown.WaitForExit();
        }

        Refused(path, "another user");
    }

    [Fact]
    public void ID_11_What_is_no_file_is_refused_without_hanging()
    {
        _rig.Open();
        var path = _rig.KeyPath;
        File.Delete(path);
        using (var mkfifo = Process.Start("mkfifo", ["-m", "600", path]))
        {
            mkfifo.WaitForExit();
        }

        Refused(path, "no regular file");
    }

    [Fact]
    public void ID_10_A_bundle_cut_anywhere_refuses_the_first_load()
    {
        _rig.Open();
        var whole = File.ReadAllBytes(_rig.Bundle);
        for (var length = 0; length < whole.Length; length += 41)
        {
            _rig.Overwrite(_rig.Bundle, whole[..length]);
            Refused(_rig.Bundle, "damaged");
        }
    }

    [Fact]
    public void ID_10_Every_flipped_bit_of_a_bundle_refuses_the_first_load()
    {
        _rig.Open();
        var whole = File.ReadAllBytes(_rig.Bundle);
        for (var i = 0; i < whole.Length; i += 7)
        {
            var flipped = whole.ToArray();
            flipped[i] ^= (byte)(1 << (i % 8));
            _rig.Overwrite(_rig.Bundle, flipped);
            Refused(_rig.Bundle, "");
        }
    }

    [Fact]
    public void ID_10_A_newer_format_is_refused_by_name()
    {
        _rig.Open();
        _rig.EditBundle(json => json, version: 2);
        Refused(_rig.Bundle, "format 2, written by a newer Micro");
    }

    [Theory]
    [InlineData("\"roots\": [", "\"surprise\": 1, \"roots\": [", "cannot be understood")]
    [InlineData("\"sequence\": 1", "\"sequence\": 1, \"sequence\": 2", "cannot be understood")]
    [InlineData("\"sequence\": 1,", "", "cannot be understood")]
    [InlineData("\"trustDomain\": \"micro.local\"", "\"trustDomain\": \"other.local\"", "trust domain 'other.local'")]
    [InlineData("\"revoked\": []", "\"revoked\": [\"cart\"]", "cannot be understood")]
    [InlineData("\"revoked\": []", "\"revoked\": null", "cannot be understood")]
    public void ID_10_A_bundle_that_says_something_else_is_refused(string before, string after, string says)
    {
        _rig.Open();
        _rig.EditBundle(json => json.Replace(before, after, StringComparison.Ordinal));
        Refused(_rig.Bundle, says);
    }

    [Fact]
    public void ID_10_A_bundle_without_roots_is_refused()
    {
        _rig.Open();
        _rig.EditBundle(json => System.Text.RegularExpressions.Regex.Replace(json, @"""roots"": \[.*?\]", @"""roots"": []", System.Text.RegularExpressions.RegexOptions.Singleline));
        Refused(_rig.Bundle, "no root");
    }

    [Fact]
    public void ID_10_The_key_of_another_root_is_refused_and_not_shown()
    {
        _rig.Open();
        using var other = new AuthorityRig();
        other.Open();
        _rig.Overwrite(_rig.KeyPath, File.ReadAllBytes(other.KeyPath));
        Refused(_rig.KeyPath, "not the key of its root");
        _rig.Overwrite(_rig.KeyPath, VersionedFile.Frame("micro-authority-key", 1, Encoding.ASCII.GetBytes("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")));
        Refused(_rig.KeyPath, "not the key of its root");
    }

    [Fact]
    public void ID_10_An_authority_of_another_trust_domain_is_refused()
    {
        _rig.Open();
        _rig.Options.TrustDomain = "other.local";
        Refused(_rig.Bundle, "Micro:Security:TrustDomain");
    }

    [Fact]
    public void ID_11_No_key_is_in_what_the_authority_logs_or_in_a_description_of_it()
    {
        var authority = _rig.Open();
        var leaf = authority.Issue(AuthorityRig.Cart);
        _rig.SaysNoSecret(authority.ToString(), authority.State.ToString(), authority.State.Roots[0].ToString(), leaf.ToString());
        Assert.DoesNotContain(authority.State.Bundle.RootsOf("micro.local"), root => root.HasPrivateKey);
    }

    private void Refused(string path, string says)
    {
        var error = Assert.Throws<CredentialException>(_rig.Open);
        Assert.Contains(path, error.Message);
        Assert.Contains(says, error.Message);
        _rig.SaysNoSecret(error.ToString());
    }
}
