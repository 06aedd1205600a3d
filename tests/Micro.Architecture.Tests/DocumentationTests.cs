namespace Micro.Architecture.Tests;

/// <summary>Code in the documentation is code that compiles: every C# block stands, line for line, in a file of docs/Snippets or samples.</summary>
public sealed class DocumentationTests
{
    [Fact]
    public void Every_block_of_code_is_quoted_from_code_that_compiles()
    {
        var compiled = new[] { "docs/Snippets", "samples" }
            .Select(folder => Path.Combine(SourceTree.Root, folder))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal))
            .Select(path => Squeeze(File.ReadLines(path)))
            .ToArray();
        var documents = Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "docs"), "*.md")
            .Append(Path.Combine(SourceTree.Root, "README.md"))
            .Append(Path.Combine(SourceTree.Root, "samples/README.md"))
            .Where(File.Exists);
        var rotten = new List<string>();
        var blocks = 0;
        foreach (var document in documents)
        {
            foreach (var part in Parts(File.ReadAllLines(document)))
            {
                blocks++;
                if (!compiled.Any(file => file.Contains(part, StringComparison.Ordinal)))
                {
                    rotten.Add($"{Path.GetRelativePath(SourceTree.Root, document)}: {part}");
                }
            }
        }

        Assert.Empty(rotten);
        Assert.True(blocks > 0, "The documentation quotes no code.");
    }

    [Fact]
    public void Every_link_to_a_file_leads_to_one()
    {
        var broken = new List<string>();
        foreach (var document in Directory.EnumerateFiles(SourceTree.Root, "*.md").Concat(Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "docs"), "*.md", SearchOption.AllDirectories)))
        {
            foreach (System.Text.RegularExpressions.Match link in System.Text.RegularExpressions.Regex.Matches(File.ReadAllText(document), @"\]\((?!https?:)(?<target>[^)#\s]+)(#[^)]*)?\)"))
            {
                var target = Path.Combine(Path.GetDirectoryName(document)!, link.Groups["target"].Value);
                if (!File.Exists(target) && !Directory.Exists(target))
                {
                    broken.Add($"{Path.GetRelativePath(SourceTree.Root, document)} -> {link.Groups["target"].Value}");
                }
            }
        }

        Assert.Empty(broken);
    }

    /// <summary>The blocks of a document, cut at blank lines: a block may leave out what stands between.</summary>
    private static IEnumerable<string> Parts(string[] lines)
    {
        var part = new List<string>();
        var inside = false;
        foreach (var line in lines)
        {
            if (line.StartsWith("```", StringComparison.Ordinal) || (inside && line.Trim().Length == 0))
            {
                if (part.Count > 0)
                {
                    yield return Squeeze(part);
                    part.Clear();
                }

                inside = line.StartsWith("```csharp", StringComparison.Ordinal) || (inside && line.Trim().Length == 0);
            }
            else if (inside)
            {
                part.Add(line);
            }
        }
    }

    private static string Squeeze(IEnumerable<string> lines) => string.Join('\n', lines.Select(line => line.Trim()).Where(line => line.Length > 0));
}
