using Micro.Generators.Models;
using Micro.Generators.Reading;
using Micro.Generators.Writing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Micro.Generators;

/// <summary>
/// Writes the binding of every <c>[MicroService]</c> interface: its client, its method descriptors and the module initializer that makes them known.
/// </summary>
/// <remarks>
/// Sources and findings are separate outputs: an edit that only moves code changes the findings' places, and no file is written anew.
/// </remarks>
[Generator(LanguageNames.CSharp)]
public sealed class ContractGenerator : IIncrementalGenerator
{
    /// <summary>Name of the step whose results the files are written from, for tests of incrementality.</summary>
    internal const string ModelsStep = "Models";

    /// <summary>Name of the step that reads the contracts.</summary>
    internal const string ContractsStep = "Contracts";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var contracts = context.SyntaxProvider
            .ForAttributeWithMetadataName("Micro.MicroServiceAttribute", static (node, _) => node is InterfaceDeclarationSyntax, ContractReader.Read)
            .WithTrackingName(ContractsStep);

        var models = contracts.Select(static (result, _) => result.Contract).WithTrackingName(ModelsStep);
        context.RegisterSourceOutput(models, static (output, model) =>
        {
            if (model is not null)
            {
                output.AddSource(model.FileName, ContractWriter.Write(model));
            }
        });

        ReportFindings(context, contracts);
        ReportJson(context, contracts);
        ReportDuplicates(context, contracts);
    }

    private static void ReportFindings(IncrementalGeneratorInitializationContext context, IncrementalValuesProvider<ContractResult> contracts)
    {
        var findings = contracts.SelectMany(static (result, _) => result.Findings).Combine(context.CompilationProvider);
        context.RegisterSourceOutput(findings, static (output, finding) => output.ReportDiagnostic(finding.Left.ToDiagnostic(finding.Right)));
    }

    private static void ReportJson(IncrementalGeneratorInitializationContext context, IncrementalValuesProvider<ContractResult> contracts)
    {
        var withoutReflection = context.AnalyzerConfigOptionsProvider.Select(static (options, _) =>
            IsTrue(options.GlobalOptions, "build_property.PublishAot") || IsTrue(options.GlobalOptions, "build_property.IsAotCompatible"));
        var findings = contracts
            .Select(static (result, _) => result.NeedsJson)
            .Combine(withoutReflection)
            .Where(static pair => pair is { Left: not null, Right: true })
            .Combine(context.CompilationProvider);
        context.RegisterSourceOutput(findings, static (output, pair) => output.ReportDiagnostic(pair.Left.Left!.ToDiagnostic(pair.Right)));
    }

    private static void ReportDuplicates(IncrementalGeneratorInitializationContext context, IncrementalValuesProvider<ContractResult> contracts)
    {
        var names = contracts.Select(static (result, _) => result.Name).Collect().Combine(context.CompilationProvider);
        context.RegisterSourceOutput(names, static (output, pair) =>
        {
            foreach (var same in pair.Left.Where(static name => WireNames.IsContract(name.WireName)).GroupBy(static name => name.WireName, StringComparer.Ordinal))
            {
                var first = same.First();
                foreach (var other in same.Skip(1))
                {
                    var finding = new Finding(Rules.DuplicateContract, other.Place, new EquatableArray<string>([first.Type, other.Type, same.Key]));
                    output.ReportDiagnostic(finding.ToDiagnostic(pair.Right));
                }
            }
        });
    }

    private static bool IsTrue(Microsoft.CodeAnalysis.Diagnostics.AnalyzerConfigOptions options, string name) =>
        options.TryGetValue(name, out var value) && string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);
}
