using Micro.Generators.Models;
using Microsoft.CodeAnalysis;

namespace Micro.Generators.Reading;

/// <summary>What the readers of one contract share. Lives only while it is read.</summary>
internal sealed class ContractScope(INamedTypeSymbol contract, JsonProfile json, Compilation compilation, Location place)
{
    private readonly List<Finding> _findings = [];

    public INamedTypeSymbol Contract { get; } = contract;

    public JsonProfile Json { get; } = json;

    public Compilation Compilation { get; } = compilation;

    /// <summary>The contract's name in its source.</summary>
    public Location Place { get; } = place;

    /// <summary>Members of messages found wrong: each is reported once, however many methods send the message.</summary>
    public HashSet<string> Reported { get; } = new(StringComparer.Ordinal);

    public IReadOnlyList<Finding> Findings => _findings;

    public bool Failed => _findings.Any(finding => finding.IsError);

    /// <summary>Reports at a symbol, or at the contract when the symbol is of another assembly.</summary>
    public void Report(DiagnosticDescriptor rule, ISymbol? at, params string[] arguments) =>
        _findings.Add(Finding.Of(rule, PlaceOf(at), arguments));

    public Location PlaceOf(ISymbol? symbol) => symbol?.Locations.FirstOrDefault(location => location.IsInSource) ?? Place;
}
