using System.Collections.Immutable;
using System.Runtime.Loader;
using Micro.Rpc;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Micro.Generators.Tests.Support;

/// <summary>What the generator made of a source, and what the compiler made of both.</summary>
internal sealed class Generated
{
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Text.Json;
        global using System.Text.Json.Serialization;
        global using System.Text.Json.Serialization.Metadata;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Micro;
        global using Micro.Security;
        """;

    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var file && (file.StartsWith("System.", StringComparison.Ordinal) || file is "Micro.dll" or "netstandard.dll" or "mscorlib.dll"))
            .Select(path => (MetadataReference)MetadataReference.CreateFromFile(path)),
    ];

    private readonly Compilation _compilation;

    private Generated(Compilation compilation, GeneratorDriverRunResult run)
    {
        _compilation = compilation;
        Findings = run.Diagnostics;
        Sources = run.Results[0].GeneratedSources;
        Assert.Null(run.Results[0].Exception);
    }

    /// <summary>What the generator reported.</summary>
    public ImmutableArray<Diagnostic> Findings { get; }

    public ImmutableArray<GeneratedSourceResult> Sources { get; }

    public string OneSource => Assert.Single(Sources).SourceText.ToString();

    /// <summary>Errors and warnings of the compiler for source and generated code together.</summary>
    public IReadOnlyList<string> CompilerFindings =>
        [.. _compilation.GetDiagnostics(TestContext.Current.CancellationToken).Where(one => one.Severity >= DiagnosticSeverity.Warning).Select(one => one.ToString())];

    public static Generated From(string source, params (string Name, string Value)[] properties) => From([source], properties);

    public static Generated From(string[] sources, params (string Name, string Value)[] properties)
    {
        var compilation = Compile(sources);
        var driver = Driver(properties).RunGeneratorsAndUpdateCompilation(compilation, out var updated, out _, TestContext.Current.CancellationToken);
        return new Generated(updated, driver.GetRunResult());
    }

    /// <summary>A source that is expected to be fine: nothing reported, and everything compiles without a warning.</summary>
    public static Generated Clean(string source, params (string Name, string Value)[] properties)
    {
        var generated = From(source, properties);
        Assert.Empty(generated.Findings.Select(one => one.ToString()));
        Assert.Empty(generated.CompilerFindings);
        return generated;
    }

    public static CSharpCompilation Compile(params string[] sources)
    {
        // As a build does that writes no documentation file.
        var options = new CSharpParseOptions(LanguageVersion.Latest, DocumentationMode.None);
        return CSharpCompilation.Create(
            "Contracts" + Interlocked.Increment(ref s_count),
            [.. sources.Prepend(Usings).Select((text, index) => CSharpSyntaxTree.ParseText(text, options, $"File{index}.cs"))],
            References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, allowUnsafe: true));
    }

    public static GeneratorDriver Driver(params (string Name, string Value)[] properties) =>
        CSharpGeneratorDriver.Create(
            [new ContractGenerator().AsSourceGenerator()],
            parseOptions: new CSharpParseOptions(LanguageVersion.Latest, DocumentationMode.None),
            optionsProvider: new BuildProperties(properties),
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>Loads the compiled source and gives what the module initializer registered.</summary>
    public ContractDescriptor Load(string type = "IContract") => ContractTable.Get(LoadAssembly().GetType(type, throwOnError: true)!);

    public System.Reflection.Assembly LoadAssembly()
    {
        using var image = new MemoryStream();
        var emitted = _compilation.Emit(image, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Empty(emitted.Diagnostics.Where(one => one.Severity == DiagnosticSeverity.Error).Select(one => one.ToString()));
        image.Position = 0;
        return AssemblyLoadContext.Default.LoadFromStream(image);
    }

    private static int s_count;
}
