using System.Diagnostics;
using Micro.Hosting;
using Microsoft.Extensions.Configuration;

namespace Micro.Tests.Hosting;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class MicroHomeTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("micro-home-").FullName;

    [Theory]
    [InlineData("/conf", "/env", "/xdg", "/user", "/conf")]
    [InlineData(null, "/env", "/xdg", "/user", "/env")]
    [InlineData(null, null, "/xdg", "/user", "/xdg/micro")]
    [InlineData(null, "", "relative", "/user", "/user/.local/state/micro")]
    [InlineData(null, null, null, "/user", "/user/.local/state/micro")]
    public void The_home_is_configured_or_follows_the_environment(string? configured, string? micro, string? xdg, string user, string expected)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Micro:Home", configured)]).Build();
        Assert.Equal(expected, MicroHome.Resolve(configuration, name => name switch
        {
            "MICRO_HOME" => micro,
            "XDG_STATE_HOME" => xdg,
            "HOME" => user,
            _ => null,
        }));
    }

    [Fact]
    public void It_is_made_for_its_owner_alone_also_by_many_at_once()
    {
        var path = Path.Combine(_directory, "a", "b", "micro");
        Parallel.For(0, 16, _ => MicroHome.Open(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void It_is_refused_when_others_may_write_there(UnixFileMode others)
    {
        var path = Path.Combine(_directory, "open");
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | others);
        var error = Assert.Throws<MicroHomeException>(() => MicroHome.Open(path));
        Assert.Contains("chmod 700", error.Message);
        Assert.Equal(path, error.Path);
    }

    [Fact]
    public void It_is_refused_when_it_belongs_to_another_user()
    {
        Assert.SkipUnless(Environment.UserName == "root", "Only root can give a directory away.");
        var path = Path.Combine(_directory, "foreign");
        MicroHome.Open(path);
        using (var chown = Process.Start("chown", ["65534", path]))
        {
            chown.WaitForExit();
        }

        Assert.Contains("belongs to another user", Assert.Throws<MicroHomeException>(() => MicroHome.Open(path)).Message);
    }

    [Fact]
    public void A_file_in_its_place_is_a_clear_error()
    {
        var path = Path.Combine(_directory, "file");
        File.WriteAllText(path, "");
        Assert.Contains(path, Assert.Throws<MicroHomeException>(() => MicroHome.Open(path)).Message);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
