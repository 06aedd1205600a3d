using Microsoft.CodeAnalysis;

namespace Micro.Generators.Models;

/// <summary>A diagnostic that is comparable and holds nothing of the compilation.</summary>
internal sealed record Finding(DiagnosticDescriptor Rule, SourcePlace? Place, EquatableArray<string> Arguments)
{
    public bool IsError => Rule.DefaultSeverity == DiagnosticSeverity.Error;

    public static Finding Of(DiagnosticDescriptor rule, Location? location, params string[] arguments) =>
        new(rule, SourcePlace.Of(location), new EquatableArray<string>(arguments));

    public Diagnostic ToDiagnostic(Compilation compilation) =>
        Diagnostic.Create(Rule, Place?.ToLocation(compilation) ?? Location.None, [.. Arguments]);
}
