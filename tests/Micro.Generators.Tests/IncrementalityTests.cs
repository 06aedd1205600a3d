using System.Collections;
using Micro.Generators.Tests.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace Micro.Generators.Tests;

/// <summary>What the driver has to do again after an edit.</summary>
public sealed class IncrementalityTests
{
    private const string Contracts = """
        public sealed record Ask([RouteKey] string Text, List<Answer> Answers);
        public sealed record Answer(string Text);
        [MicroService("a")] public interface IFirst { Task<Answer> HelloAsync(Ask ask); [Idempotent] IAsyncEnumerable<Answer> ChatAsync(IAsyncEnumerable<Ask> asks); }
        [MicroService("b"), Allow(Callers.Anyone)] public interface ISecond { Task<Answer> HelloAsync(Answer answer); }
        """;

    private const string Other = "internal static class Other { public const int Number = 1; }";

    [Fact]
    public void An_edit_elsewhere_writes_no_file_anew()
    {
        var second = Edit(1, text => text.Replace("Number = 1", "Number = 2", StringComparison.Ordinal));

        Assert.All(Reasons(second, ContractGenerator.ModelsStep), reason => Assert.True(reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, $"{reason}"));
        Assert.All(Sources(second), reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }

    [Fact]
    public void An_edit_that_moves_the_contracts_writes_no_file_anew()
    {
        var second = Edit(0, text => "// moved\n\n" + text);

        Assert.Contains(IncrementalStepRunReason.Modified, Reasons(second, ContractGenerator.ContractsStep));
        Assert.All(Reasons(second, ContractGenerator.ModelsStep), reason => Assert.Equal(IncrementalStepRunReason.Unchanged, reason));
        Assert.All(Sources(second), reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }

    [Fact]
    public void An_edit_of_one_contract_writes_only_its_file()
    {
        var second = Edit(0, text => text.Replace("HelloAsync(Answer answer)", "HalloAsync(Answer answer)", StringComparison.Ordinal));

        Assert.Equal([IncrementalStepRunReason.Cached, IncrementalStepRunReason.Modified], Reasons(second, ContractGenerator.ModelsStep));
        Assert.Equal([IncrementalStepRunReason.Cached, IncrementalStepRunReason.Modified], Sources(second));
    }

    [Fact]
    public void An_edit_of_a_message_writes_the_files_whose_schema_it_changes()
    {
        var second = Edit(0, text => text.Replace("record Answer(string Text)", "record Answer(string Words)", StringComparison.Ordinal));

        Assert.Equal([IncrementalStepRunReason.Modified, IncrementalStepRunReason.Modified], Reasons(second, ContractGenerator.ModelsStep));
    }

    [Fact]
    public void No_step_that_is_ours_holds_a_symbol_a_node_or_a_compilation()
    {
        var result = Generated.Driver().RunGenerators(Generated.Compile(Contracts, Other), TestContext.Current.CancellationToken).GetRunResult().Results[0];
        var visited = new HashSet<object>(ReferenceEqualityComparer.Instance);

        foreach (var name in new[] { ContractGenerator.ContractsStep, ContractGenerator.ModelsStep })
        {
            foreach (var (value, _) in result.TrackedSteps[name].SelectMany(step => step.Outputs))
            {
                AssertHoldsNothing(value, visited);
            }
        }

        Assert.True(visited.Count > 20, "the walk saw the models");
    }

    private static void AssertHoldsNothing(object? value, HashSet<object> visited)
    {
        // A descriptor is a constant of the generator.
        if (value is null or string or DiagnosticDescriptor || value.GetType().IsPrimitive || value.GetType().IsEnum || !visited.Add(value))
        {
            return;
        }

        Assert.False(value is ISymbol or SyntaxNode or SyntaxTree or Compilation or SemanticModel or Location, $"{value.GetType()} is kept");
        if (value is IEnumerable list)
        {
            foreach (var one in list)
            {
                AssertHoldsNothing(one, visited);
            }
        }

        const System.Reflection.BindingFlags instance = System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic;
        foreach (var field in value.GetType().GetFields(instance).Where(field => field.FieldType != typeof(Type)))
        {
            AssertHoldsNothing(field.GetValue(value), visited);
        }
    }

    private static GeneratorRunResult Edit(int file, Func<string, string> edit)
    {
        var first = Generated.Compile(Contracts, Other);
        var driver = Generated.Driver().RunGenerators(first, TestContext.Current.CancellationToken);
        var tree = first.SyntaxTrees[file + 1];
        var second = first.ReplaceSyntaxTree(tree, tree.WithChangedText(SourceText.From(edit(tree.ToString()))));
        return driver.RunGenerators(second, TestContext.Current.CancellationToken).GetRunResult().Results[0];
    }

    private static IReadOnlyList<IncrementalStepRunReason> Reasons(GeneratorRunResult result, string step) =>
        [.. result.TrackedSteps[step].SelectMany(one => one.Outputs).Select(output => output.Reason)];

    /// <summary>Reasons of the outputs that wrote a file, in the order of the contracts.</summary>
    private static IReadOnlyList<IncrementalStepRunReason> Sources(GeneratorRunResult result) =>
        [.. result.TrackedOutputSteps["SourceOutput"]
            .Where(step => step.Inputs.Any(input => input.Source.Name == ContractGenerator.ModelsStep))
            .SelectMany(step => step.Outputs)
            .Select(output => output.Reason)];
}
