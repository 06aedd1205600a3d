using System.Text;
using System.Xml;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Micro.Generators.Reading;

/// <summary>
/// Reads the first sentence of a doc comment. From the text of the source: a project that writes no documentation file has its compiler
/// take doc comments for plain ones, and the symbol then knows of none.
/// </summary>
internal static class SummaryReader
{
    public static string? Read(ISymbol symbol, CancellationToken cancellationToken)
    {
        var node = symbol.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellationToken);
        var xml = node is null ? symbol.GetDocumentationCommentXml(cancellationToken: cancellationToken) : "<doc>" + Comment(node) + "</doc>";
        if (string.IsNullOrWhiteSpace(xml))
        {
            return null;
        }

        try
        {
            var summary = XDocument.Parse(xml, LoadOptions.PreserveWhitespace).Descendants("summary").FirstOrDefault();
            return summary is null ? null : FirstSentence(Text(summary));
        }
        catch (XmlException)
        {
            // The compiler reports malformed doc comments where they are asked for; a summary is optional here.
            return null;
        }
    }

    private static string Comment(SyntaxNode node)
    {
        var text = new StringBuilder();
        foreach (var trivia in node.GetLeadingTrivia())
        {
            if (trivia.Kind() is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia
                or SyntaxKind.SingleLineDocumentationCommentTrivia or SyntaxKind.MultiLineDocumentationCommentTrivia)
            {
                AppendLines(text, trivia.ToFullString());
            }
        }

        return text.ToString();
    }

    private static void AppendLines(StringBuilder text, string comment)
    {
        var block = comment.StartsWith("/**", StringComparison.Ordinal);
        foreach (var raw in comment.Split('\n'))
        {
            var line = raw.Trim();
            if (line.StartsWith("///", StringComparison.Ordinal))
            {
                text.Append(line, 3, line.Length - 3).Append('\n');
            }
            else if (block)
            {
                text.Append(line.Replace("*/", "").TrimStart('/', '*')).Append('\n');
            }
        }
    }

    private static string Text(XElement element)
    {
        var text = new StringBuilder();
        foreach (var node in element.Nodes())
        {
            text.Append(node switch
            {
                XText plain => plain.Value,
                XElement { Value.Length: > 0 } inner => Text(inner),
                XElement reference => Name(reference),
                _ => "",
            });
        }

        return text.ToString();
    }

    /// <summary>The last part of what <c>see</c>, <c>paramref</c> and their like refer to.</summary>
    private static string Name(XElement reference)
    {
        var target = reference.FirstAttribute?.Value ?? "";
        var end = target.IndexOf('(');
        target = end < 0 ? target : target.Substring(0, end);
        return reference.FirstAttribute?.Name.LocalName == "href" ? target : target.Substring(target.LastIndexOfAny(['.', ':']) + 1);
    }

    private static string? FirstSentence(string text)
    {
        var words = string.Join(" ", text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        for (var i = 0; i + 2 < words.Length; i++)
        {
            // "e.g. this" is no end of a sentence: a new one begins with a capital.
            if (words[i] is '.' or '!' or '?' && words[i + 1] == ' ' && !char.IsLower(words[i + 2]))
            {
                return words.Substring(0, i + 1);
            }
        }

        return words.Length == 0 ? null : words;
    }
}
