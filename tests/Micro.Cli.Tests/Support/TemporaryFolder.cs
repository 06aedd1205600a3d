namespace Micro.Cli.Tests.Support;

/// <summary>A folder that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("micro-cli-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
