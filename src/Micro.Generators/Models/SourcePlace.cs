using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Micro.Generators.Models;

/// <summary>A place in a source file. A Roslyn location would keep its whole compilation alive and is equal to nothing of the next one.</summary>
internal sealed record SourcePlace(string File, TextSpan Span, LinePositionSpan Lines)
{
    public static SourcePlace? Of(Location? location) =>
        location?.SourceTree is { } tree ? new SourcePlace(tree.FilePath, location.SourceSpan, location.GetLineSpan().Span) : null;

    /// <summary>The place in the tree of the same name: <c>#pragma warning</c> reaches only diagnostics that lie in a tree.</summary>
    public Location ToLocation(Compilation compilation)
    {
        var tree = compilation.SyntaxTrees.FirstOrDefault(tree => tree.FilePath == File && Span.End <= tree.Length);
        return tree is null ? Location.Create(File, Span, Lines) : Location.Create(tree, Span);
    }
}
