namespace Micro.Tokens.Tests.Support;

/// <summary>A home of its own for a test.</summary>
internal sealed class TemporaryHome : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("micro-tokens-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
