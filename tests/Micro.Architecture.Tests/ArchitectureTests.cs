using System.Reflection;
using System.Text.RegularExpressions;

namespace Micro.Architecture.Tests;

public sealed partial class ArchitectureTests
{
    /// <summary>Which feature folder of the core may use which others; <c>Rpc</c> and <c>Hosting</c> compose and may use all.</summary>
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        [""] = ["Rpc", "Transport"],
        ["Internal"] = ["LoadBalancing"],
        ["Security"] = ["Internal", "Hosting"],
        ["Codecs"] = ["Internal", "Hosting"],
        ["Transport"] = ["Internal", "Codecs", "Hosting", "Security"],
        ["Discovery"] = ["Internal", "Transport", "Hosting"],
        ["LoadBalancing"] = ["Internal", "Discovery", "Hosting"],
    };

    [Fact]
    public void Public_interfaces_have_at_most_five_members()
    {
        var large =
            from type in SourceTree.Libraries.SelectMany(library => library.GetExportedTypes())
            where type.IsInterface
            let members = type.GetMembers().Count(member => member is not MethodInfo { IsSpecialName: true })
            where members > 5
            select $"{type} has {members}";
        Assert.Empty(large);
    }

    [Fact]
    public void A_file_has_one_public_type_named_as_the_file()
    {
        var wrong = new List<string>();
        foreach (var file in SourceTree.Files())
        {
            var types = file.Lines.Select(line => PublicType().Match(line)).Where(match => match.Success).Select(match => match.Groups["name"].Value).Distinct().ToArray();
            var name = Path.GetFileName(file.Path).Split('.')[0];
            if (types.Length > 1)
            {
                wrong.Add($"{file.Path}: {string.Join(", ", types)}");
            }
            else if (types.Length == 1 && types[0] != name)
            {
                wrong.Add($"{file.Path}: {types[0]}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void A_file_has_at_most_500_lines_and_half_of_them_under_100()
    {
        var files = SourceTree.Files().ToArray();
        Assert.Empty(files.Where(file => file.Lines.Length > 500).Select(file => $"{file.Path}: {file.Lines.Length}"));
        var lengths = files.Select(file => file.Lines.Length).Order().ToArray();
        Assert.True(lengths[lengths.Length / 2] < 100, $"The median file has {lengths[lengths.Length / 2]} lines.");
    }

    [Fact]
    public void The_folder_is_the_namespace()
    {
        var wrong = new List<string>();
        foreach (var file in SourceTree.Files())
        {
            var declared = file.Lines.Select(line => Namespace().Match(line)).FirstOrDefault(match => match.Success)?.Groups["name"].Value;
            var expected = file.Folder.Length == 0 ? file.Project : $"{file.Project}.{file.Folder}";
            if (declared is not null && declared != expected)
            {
                wrong.Add($"{file.Path}: {declared} instead of {expected}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Feature_folders_of_the_core_use_only_those_they_may()
    {
        var wrong = new List<string>();
        foreach (var file in SourceTree.Files().Where(file => file.Project == "Micro"))
        {
            var feature = file.Folder.Split('.')[0];
            if (!Arrows.TryGetValue(feature, out var allowed))
            {
                continue;
            }

            foreach (var line in file.Lines)
            {
                if (Using().Match(line) is { Success: true } match)
                {
                    var used = match.Groups["name"].Value;
                    if (used != feature && !allowed.Contains(used))
                    {
                        wrong.Add($"{file.Path} uses Micro.{used}");
                    }
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Packages_know_the_core_and_not_each_other()
    {
        var wrong =
            from library in SourceTree.Libraries
            from reference in library.GetReferencedAssemblies()
            where reference.Name!.StartsWith("Micro", StringComparison.Ordinal) && (reference.Name == "Micro" || reference.Name.StartsWith("Micro.", StringComparison.Ordinal))
            where reference.Name != "Micro" || library.GetName().Name == "Micro"
            select $"{library.GetName().Name} -> {reference.Name}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void The_core_depends_on_the_platform_alone()
    {
        var foreign = typeof(CallSpec).Assembly.GetReferencedAssemblies()
            .Select(reference => reference.Name!)

            // netstandard is what measuring coverage adds.
            .Where(name => !name.StartsWith("System", StringComparison.Ordinal) && !name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)
                && name is not ("Microsoft.Win32.Primitives" or "netstandard"));
        Assert.Empty(foreign);
    }

    [Fact]
    public void Implementations_of_public_contracts_are_internal()
    {
        var contracts = SourceTree.Libraries[0].GetExportedTypes().Where(type => type.IsInterface).ToHashSet();
        var open =
            from type in SourceTree.Libraries.Where(library => library.GetName().Name != "Micro.Testing").SelectMany(library => library.GetExportedTypes())
            where type is { IsClass: true, IsAbstract: false }
            from contract in type.GetInterfaces()
            where contracts.Contains(contract) && contract.Namespace!.StartsWith("Micro", StringComparison.Ordinal)
            select $"{type} : {contract.Name}";
        Assert.Empty(open);
    }

    [Fact]
    public void Names_that_say_nothing_are_not_used()
    {
        string[] banned = ["Manager", "Helper", "Helpers", "Util", "Utils", "Impl", "Wrapper"];
        var used =
            from type in SourceTree.Libraries.SelectMany(library => library.GetTypes())
            where !type.Name.StartsWith('<') && type.Namespace?.StartsWith("Micro", StringComparison.Ordinal) == true
            from word in banned
            where type.Name.EndsWith(word, StringComparison.Ordinal)
            select type.FullName;
        Assert.Empty(used);
    }

    [Fact]
    public void A_namespace_is_never_also_a_type_name()
    {
        var types = SourceTree.Libraries.SelectMany(library => library.GetExportedTypes()).ToArray();
        var namespaces = types.Select(type => type.Namespace!.Split('.')[^1]).ToHashSet();
        Assert.Empty(types.Where(type => namespaces.Contains(type.Name)).Select(type => type.FullName));
    }

    [GeneratedRegex(@"^public (?:(?:static|sealed|abstract|partial|readonly|ref|unsafe) )*(?:class|struct|interface|enum|record struct|record|delegate [\w<>?]+) (?<name>\w+)")]
    private static partial Regex PublicType();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);")]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^using (?:static )?Micro\.(?<name>\w+)")]
    private static partial Regex Using();
}
