using Micro.Security;

namespace Micro.AspNetCore.Tests.Security;

/// <summary>A contract that no caller of the tests may call.</summary>
[MicroService("secret")]
[Allow("orders")]
public interface ISecret
{
    Task<string> ReadAsync(string text, CancellationToken cancellationToken = default);

    IAsyncEnumerable<string> ListAsync(string text, CancellationToken cancellationToken = default);

    Task<string> UploadAsync(IAsyncEnumerable<string> texts, CancellationToken cancellationToken = default);

    IAsyncEnumerable<string> TalkAsync(IAsyncEnumerable<string> texts, CancellationToken cancellationToken = default);
}

/// <summary>Counts.</summary>
public sealed class Secret : ISecret
{
    public int Calls;

    public Task<string> ReadAsync(string text, CancellationToken cancellationToken = default) => Task.FromResult(Count());

    public IAsyncEnumerable<string> ListAsync(string text, CancellationToken cancellationToken = default) => All();

    public Task<string> UploadAsync(IAsyncEnumerable<string> texts, CancellationToken cancellationToken = default) => Task.FromResult(Count());

    public IAsyncEnumerable<string> TalkAsync(IAsyncEnumerable<string> texts, CancellationToken cancellationToken = default) => All();

    private string Count() => Interlocked.Increment(ref Calls).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private async IAsyncEnumerable<string> All()
    {
        await Task.Yield();
        yield return Count();
    }
}
