using System.Diagnostics;
using Micro.Security;
using Micro.Testing.Security;
using Micro.Tokens.Accounts;
using Micro.Tokens.Files;
using Micro.Tokens.Tests.Support;

namespace Micro.Tokens.Tests;

public sealed class InMemoryAccountStoreTests : AccountStoreConformance
{
    protected override ValueTask<(IAccountStore One, IAccountStore Other)> StartAsync()
    {
        var store = new InMemoryAccountStore();
        return new((store, store));
    }
}

public sealed class FileAccountStoreTests : AccountStoreConformance, IDisposable
{
    private readonly TemporaryHome _home = new();

    private string FilePath => Path.Combine(_home.Path, "authority", FileAccountStore.FileName);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _home.Dispose();

    protected override ValueTask<(IAccountStore One, IAccountStore Other)> StartAsync() => new((new FileAccountStore(_home.Path), new FileAccountStore(_home.Path)));

    [Fact]
    public async Task ID_11_The_file_and_its_directory_are_the_owners_alone()
    {
        await new FileAccountStore(_home.Path).TryWriteAsync(new AccountRecord { Id = "a" }, Token);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(FilePath)!));
        Assert.Equal(["accounts.json", "accounts.lock"], Directory.EnumerateFiles(Path.GetDirectoryName(FilePath)!).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task ID_11_A_file_that_others_can_read_is_refused()
    {
        var store = new FileAccountStore(_home.Path);
        await store.TryWriteAsync(new AccountRecord { Id = "a" }, Token);
        File.SetUnixFileMode(FilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var error = await Assert.ThrowsAsync<AccountStoreException>(async () => await store.FindAsync("a", Token));
        Assert.Contains("chmod 600", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<AccountStoreException>(async () => await store.TryWriteAsync(new AccountRecord { Id = "b" }, Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("authority")]
    public async Task ID_11_What_others_could_have_put_there_is_not_read(string open)
    {
        await new FileAccountStore(_home.Path).TryWriteAsync(new AccountRecord { Id = "a" }, Token);
        await Keys().GetAsync(Token);
        Assert.NotEqual(0, Keys().Current.Count);
        var folder = Path.Combine(_home.Path, open);
        File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherWrite);
        var error = await Assert.ThrowsAsync<AccountStoreException>(async () => await new FileAccountStore(_home.Path).FindAsync("a", Token));
        Assert.Contains("chmod 700", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, Keys().Current.Count);

        Micro.Tokens.Keys.LocalKeys Keys() => new(_home.Path, new TokenOptions(), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
    }

    [Fact]
    public async Task ID_11_A_link_is_not_followed()
    {
        var store = new FileAccountStore(_home.Path);
        await store.TryWriteAsync(new AccountRecord { Id = "a" }, Token);
        File.Move(FilePath, FilePath + ".elsewhere");
        File.CreateSymbolicLink(FilePath, FilePath + ".elsewhere");
        await Assert.ThrowsAsync<AccountStoreException>(async () => await store.FindAsync("a", Token));
    }

    [Theory]
    [InlineData("{\"format\":2,\"sequence\":0,\"accounts\":[]}", "format is 2")]
    [InlineData("{\"format\":1,\"sequence\":0,\"accounts\":[", "line 0")]
    [InlineData("", "line 0")]
    [InlineData("null", "null")]
    [InlineData("{\"format\":1,\"format\":1,\"sequence\":0,\"accounts\":[]}", "line 0")]
    [InlineData("{\"format\":1,\"sequence\":0,\"accounts\":[{\"id\":\"hush-hush\",\"type\":7}]}", "line 0")]
    public async Task A_damaged_file_refuses_everything_and_is_not_quoted(string content, string reason)
    {
        var store = new FileAccountStore(_home.Path);
        await store.TryWriteAsync(new AccountRecord { Id = "a" }, Token);
        await File.WriteAllTextAsync(FilePath, content, Token);
        var error = await Assert.ThrowsAsync<AccountStoreException>(async () => await store.ListAsync(Token));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", error.ToString(), StringComparison.Ordinal);
        await Assert.ThrowsAsync<AccountStoreException>(async () => await store.TryWriteAsync(new AccountRecord { Id = "b" }, Token));
        Assert.Equal(content, await File.ReadAllTextAsync(FilePath, Token));
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_content_and_nothing_else()
    {
        var file = new OwnerOnlyFile(Path.Combine(_home.Path, "f"));
        file.Replace("old"u8);
        Directory.CreateDirectory(Path.Combine(_home.Path, "g", "full"));
        Assert.ThrowsAny<IOException>(() => new OwnerOnlyFile(Path.Combine(_home.Path, "g")).Replace("new"u8));
        Assert.Equal("old"u8.ToArray(), file.Read());
        Assert.Equal(["f", "g"], Directory.EnumerateFileSystemEntries(_home.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_writer_waits_for_another_process_and_stops_when_told()
    {
        var store = new FileAccountStore(_home.Path);
        await store.TryWriteAsync(new AccountRecord { Id = "a" }, Token);
        using var other = Process.Start(new ProcessStartInfo("flock", [Path.Combine(_home.Path, "authority", "accounts.lock"), "-c", "echo held; exec cat"]) { RedirectStandardOutput = true, RedirectStandardInput = true })!;
        try
        {
            Assert.Equal("held", await other.StandardOutput.ReadLineAsync(Token));
            using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.TryWriteAsync(new AccountRecord { Id = "b" }, stop.Token));
            Assert.NotNull(await store.FindAsync("a", Token));
            var writing = store.TryWriteAsync(new AccountRecord { Id = "b" }, Token).AsTask();
            other.StandardInput.Close();
            Assert.NotNull(await writing);
        }
        finally
        {
            other.Kill();
        }
    }
}
