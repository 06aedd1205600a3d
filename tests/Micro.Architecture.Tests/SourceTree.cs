using System.Reflection;

namespace Micro.Architecture.Tests;

/// <summary>The files of the libraries, as they are in the repository.</summary>
internal static class SourceTree
{
    public static readonly string Root = typeof(SourceTree).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == "MicroRoot").Value!;

    public static readonly IReadOnlyList<Assembly> Libraries =
    [
        typeof(CallSpec).Assembly,
        Assembly.Load("Micro.AspNetCore"),
        Assembly.Load("Micro.Grpc"),
        Assembly.Load("Micro.MessagePack"),
        Assembly.Load("Micro.Sqlite"),
        Assembly.Load("Micro.Testing"),
        Assembly.Load("Micro.Tokens"),
    ];

    /// <summary>Every C# file below <c>src/</c> that people write.</summary>
    public static IEnumerable<SourceFile> Files() =>
        from path in Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
        let relative = Path.GetRelativePath(Root, path).Replace('\\', '/')
        where !relative.Contains("/obj/", StringComparison.Ordinal) && !relative.Contains("/bin/", StringComparison.Ordinal)
        orderby relative
        select new SourceFile(relative, File.ReadAllLines(path));
}

/// <param name="Path">From the root, with slashes: <c>src/Micro/Rpc/CallOptions.cs</c>.</param>
/// <param name="Lines">Its lines.</param>
internal sealed record SourceFile(string Path, string[] Lines)
{
    public string Project => Path.Split('/')[1];

    /// <summary>Folders below the project, joined by dots; empty at its root.</summary>
    public string Folder => string.Join('.', Path.Split('/')[2..^1]);
}
