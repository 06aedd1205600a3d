using Micro.Hosting;
using Micro.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Micro.Tests.Security;

/// <summary>Where credentials come from is chosen by name when the host starts.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class AuthoritySelectionTests : IDisposable
{
    private readonly AuthorityRig _rig = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task PLG_Without_a_candidate_the_local_authority_in_the_home_directory_is_chosen()
    {
        using var host = Build([]);
        await host.StartAsync(Token);
        var source = host.Services.GetRequiredService<ICredentialSource>();
        var credential = await source.GetAsync(AuthorityRig.Cart, Token);
        Assert.Equal(AuthorityRig.Cart, credential.Identity);
        Assert.True(File.Exists(Path.Combine(_rig.Root, "home", "authority", AuthorityDirectory.BundleName)));
        Assert.Equal(_rig.Root + "/home/authority", host.Services.GetRequiredService<LocalAuthority>().Directory);
    }

    [Theory]
    [InlineData("nobody", "nobody")]
    [InlineData(null, "several")]
    public async Task PLG_What_cannot_be_chosen_stops_the_start_and_lists_the_names(string? configured, string says)
    {
        using var host = Build([("Micro:Security:Provider", configured), ("Micro:Security:Insecure", "true")], micro => micro.AddLocalAuthority().AddPemCredentials().AddLocalAuthority());
        var error = await Assert.ThrowsAsync<ProviderSelectionException>(() => host.StartAsync(Token));
        Assert.Equal("Micro:Security:Provider", error.Key);
        Assert.Equal(["authority", "local", "pem"], error.Names.Order());
        Assert.Contains(says, error.Message);
    }

    [Fact]
    public async Task PLG_A_candidate_that_is_added_is_the_default_and_the_others_are_not_made()
    {
        using var host = Build([], micro => micro.AddCredentials(new CredentialProvider("mine", _ => new Mine())));
        await host.StartAsync(Token);
        Assert.IsType<Mine>(host.Services.GetRequiredService<ICredentialSource>());
        Assert.False(Directory.Exists(Path.Combine(_rig.Root, "home")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ID_10_Files_that_are_not_there_stop_the_start(bool isByVerb)
    {
        string[] names = ["Certificate", "Key", "Bundle"];
        (string, string?)[] settings = [.. names.Select(name => ($"Micro:Security:Pem:{name}", (string?)Path.Combine(_rig.Root, name)))];
        using var host = isByVerb
            ? Build(settings, micro => micro.AddPemCredentials(options => options.AllowGroupReadableKey = true))
            : Build([.. settings, ("Micro:Security:Provider", "PEM")]);
        var error = await Assert.ThrowsAsync<CredentialException>(() => host.StartAsync(Token));
        Assert.Contains(Path.Combine(_rig.Root, "Key"), error.Message);
        Assert.Equal(isByVerb, host.Services.GetRequiredService<IOptions<PemCredentialOptions>>().Value.AllowGroupReadableKey);
    }

    [Fact]
    public async Task ID_10_An_authority_that_cannot_be_used_stops_the_start_unless_nothing_is_protected()
    {
        Directory.CreateDirectory(Path.Combine(_rig.Root, "closed"));
        (string, string?) directory = ("Micro:Security:Local:Directory", Path.Combine(_rig.Root, "closed"));
        File.SetUnixFileMode(directory.Item2!, (UnixFileMode)0b111_101_101);
        using var host = Build([directory]);
        Assert.Contains("chmod 700", (await Assert.ThrowsAsync<CredentialException>(() => host.StartAsync(Token))).Message);
        using var insecure = Build([directory, ("Micro:Security:Insecure", "true")]);
        await insecure.StartAsync(Token);
    }

    [Theory]
    [InlineData("Micro:Security:TrustDomain", "Micro.Local")]
    [InlineData("Micro:Security:TrustDomain", "a/b")]
    [InlineData("Micro:Security:TrustDomain", "")]
    [InlineData("Micro:Security:Namespace", "a/b")]
    [InlineData("Micro:Security:Namespace", "..")]
    [InlineData("Micro:Security:LeafLifetime", "00:00:01")]
    [InlineData("Micro:Security:LeafLifetime", "1.00:00:01")]
    [InlineData("Micro:Security:ClockSkew", "-00:00:01")]
    [InlineData("Micro:Security:ClockSkew", "01:00:01")]
    [InlineData("Micro:Security:Local:RootLifetime", "6.00:00:00")]
    [InlineData("Micro:Security:Local:RootPropagation", "00:00:01")]
    [InlineData("Micro:Security:Local:RootPropagation", "366.00:00:00")]
    public async Task ID_10_Options_out_of_their_bounds_stop_the_start(string key, string value)
    {
        using var host = Build([(key, value)]);
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));
        Assert.Contains(key, error.Message);
    }

    [Fact]
    public async Task ID_10_The_paths_of_the_files_are_asked_for_only_when_they_are_needed()
    {
        using var host = Build([("Micro:Security:Provider", "pem")]);
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));
        Assert.Contains("Micro:Security:Pem:Certificate", error.Message);
        Assert.Contains("Micro:Security:Pem:Bundle", error.Message);
    }

    private IHost Build((string Key, string? Value)[] settings, Action<IMicroBuilder>? add = null)
    {
        var host = Host.CreateEmptyApplicationBuilder(null);
        host.Configuration["Micro:Home"] = Path.Combine(_rig.Root, "home");
        foreach (var (key, value) in settings)
        {
            host.Configuration[key] = value;
        }

        var micro = new Builder("cart", host.Services, host.Configuration);
        micro.Services.AddSingleton<IConfiguration>(host.Configuration);
        micro.Services.AddMicroSecurity();
        micro.Services.AddMicroSecurity();
        add?.Invoke(micro);
        return host.Build();
    }

    private sealed record Builder(string Name, IServiceCollection Services, IConfiguration Configuration) : IMicroBuilder;

    private sealed class Mine : ICredentialSource
    {
        public ValueTask<ServiceCredential> GetAsync(ServiceIdentity identity, CancellationToken cancellationToken) => throw new CredentialException("none");
    }
}
