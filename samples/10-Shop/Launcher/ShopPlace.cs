namespace Shop.Launcher;

/// <summary>Where a run keeps its files: a temporary folder of its own, thrown away at the end, so that runs do not meet.</summary>
internal sealed class ShopPlace : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("micro-shop-");

    /// <summary>The working directory of the services.</summary>
    public string Folder => _folder.FullName;

    /// <summary>Micro's home: the registry that all processes share.</summary>
    public string Home => Path.Combine(_folder.FullName, "home");

    /// <summary>The payment service's journal.</summary>
    public string Journal => Path.Combine(_folder.FullName, "charges.jsonl");

    public void Dispose() => _folder.Delete(recursive: true);
}
