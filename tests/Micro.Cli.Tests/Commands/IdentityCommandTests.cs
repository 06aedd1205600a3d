using Micro.Cli.Tests.Support;

namespace Micro.Cli.Tests.Commands;

public sealed class IdentityCommandTests(VaultHost host) : IClassFixture<VaultHost>
{
    [Theory]
    [InlineData("micro-cli")]
    [InlineData("teller", "--as", "teller")]
    public async Task Programs_get_identity_certificate_bundle_and_where_they_come_from(string name, params string[] options)
    {
        var shown = (await host.RunAsync(["identity", "show", "--json", .. options])).Expect(ExitCodes.Ok).Document;

        Assert.Equal($"spiffe://micro.local/default/{name}", shown.GetProperty("identity").GetString());
        Assert.Equal(Path.Combine(host.Home, "authority"), shown.GetProperty("place").GetString());
        Assert.Equal("local", shown.GetProperty("provider").GetString());
        Assert.NotEmpty(shown.GetProperty("serial").GetString()!);
        Assert.InRange(DateTimeOffset.UtcNow, shown.GetProperty("notBefore").GetDateTimeOffset(), shown.GetProperty("notAfter").GetDateTimeOffset());
        var domain = Assert.Single(shown.GetProperty("bundle").GetProperty("trustDomains").EnumerateArray());
        Assert.Equal([shown.GetProperty("root").GetString()!], domain.GetProperty("roots").EnumerateArray().Select(root => root.GetString()!));
        Assert.Equal((await host.CredentialAsync()).Bundle.Sequence, shown.GetProperty("bundle").GetProperty("sequence").GetInt64());
    }

    [Fact]
    public async Task People_get_a_line_for_each()
    {
        var run = (await host.RunAsync("identity", "show")).Expect(ExitCodes.Ok);

        Assert.Matches("identity +spiffe://micro.local/default/micro-cli\n", run.Output);
        Assert.Matches("from +local \\(", run.Output);
    }

    [Fact]
    public async Task A_certificate_of_this_home_is_accepted()
    {
        var file = await LeafAsync();

        var verdict = (await host.RunAsync("identity", "verify", file, "--json")).Expect(ExitCodes.Ok).Document;

        Assert.True(verdict.GetProperty("accepted").GetBoolean());
        Assert.Equal("spiffe://micro.local/default/vault", verdict.GetProperty("identity").GetString());
        Assert.Matches("accepted +spiffe://micro.local/default/vault", (await host.RunAsync("identity", "verify", file)).Expect(ExitCodes.Ok).Output);
    }

    [Fact]
    public async Task A_certificate_of_another_home_is_refused_with_the_reason_and_1()
    {
        using var elsewhere = new TemporaryFolder();
        var file = await LeafAsync();

        var verdict = (await Tool.RunAsync("identity", "verify", file, "--json", "--home", elsewhere.Path)).Expect(ExitCodes.CallFailed).Document;

        Assert.False(verdict.GetProperty("accepted").GetBoolean());
        Assert.Contains("no root of its trust domain vouches for it", verdict.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task What_is_no_certificate_ends_with_2()
    {
        (await host.RunAsync("identity", "verify", host.Rules)).Expect(ExitCodes.Usage);
        (await host.RunAsync("identity", "verify", Path.Combine(host.Home, "nothing"))).Expect(ExitCodes.Usage);
    }

    private async Task<string> LeafAsync()
    {
        var file = Path.Combine(host.Home, $"{Guid.NewGuid():n}.pem");
        await File.WriteAllTextAsync(file, (await host.CredentialAsync()).Leaf.ExportCertificatePem(), TestContext.Current.CancellationToken);
        return file;
    }
}
