using System.Text.Json;
using Micro.Cli.Requests;
using Micro.Cli.Schemas;
using Micro.Cli.Terminal;
using Micro.Rpc;
using Spectre.Console;

namespace Micro.Cli.Commands;

/// <summary>Writes a description for people.</summary>
internal sealed class DescriptionText(ToolConsole console, MethodFinder finder, CallText commands)
{
    private const int Indent = 4;
    private const int LabelWidth = 10;

    /// <summary>Lines are broken here at the latest; wider terminals do not make types easier to read.</summary>
    private const int MaxWidth = 120;

    private static readonly Style Heading = new(decoration: Decoration.Bold);
    private static readonly Style MethodName = new(foreground: Color.Green);
    private static readonly Style Faint = new(decoration: Decoration.Dim);

    public void Write()
    {
        var first = true;
        foreach (var contract in finder.Contracts)
        {
            if (!first)
            {
                console.Output.WriteLine();
            }

            first = false;
            Styled(PlainText.Of(contract.Name), Heading);
            console.Output.WriteLine();
            foreach (var method in contract.Methods)
            {
                Write(contract, method);
            }
        }
    }

    private void Write(ContractDescription contract, DescribedMethod method)
    {
        console.Output.WriteLine();
        console.Output.Write("  ");
        Styled(PlainText.Of(method.Name), MethodName);
        Styled($"  {KindText(method.Kind)}{(method.Idempotent ? ", idempotent" : "")}", Faint);
        console.Output.WriteLine();
        if (method.Summary is { Length: > 0 } summary)
        {
            console.Output.WriteLine($"{new string(' ', Indent)}{PlainText.Of(summary)}");
        }

        Line("request", Type(method.Request, method.Kind is CallKind.ClientStream or CallKind.Duplex));
        Line("response", Type(method.Response, method.Kind is CallKind.ServerStream or CallKind.Duplex));
        Line("types", PlainText.Of(string.Join(", ", method.ContentTypes)));
        Line("try", commands.Command(finder.Shortest(contract, method), SchemaExample.Write(method.Request)));
    }

    private string Type(JsonElement schema, bool isStream)
    {
        var prefix = isStream ? "stream of " : "";
        return prefix + TypeText.Write(schema, Math.Min(console.Width, MaxWidth) - prefix.Length, Indent + LabelWidth);
    }

    private void Line(string label, string text)
    {
        console.Output.Write(new string(' ', Indent));
        Styled(label.PadRight(LabelWidth), Faint);
        console.Output.WriteLine(text);
    }

    private void Styled(string text, Style style) => console.Styled.Write(new Text(text, style));

    private static string KindText(CallKind kind) => kind switch
    {
        CallKind.Unary => "unary",
        CallKind.ServerStream => "server stream",
        CallKind.ClientStream => "client stream",
        _ => "duplex",
    };
}
