using Spectre.Console;

namespace Micro.Cli.Terminal;

/// <summary>Rows for people, under titles, without lines around them.</summary>
internal sealed class TableText
{
    private static readonly Style Bold = new(decoration: Decoration.Bold);

    private readonly Table _table = new() { Border = TableBorder.None };

    public TableText(params IEnumerable<string> titles)
    {
        foreach (var title in titles)
        {
            _table.AddColumn(new TableColumn(new Text(title, Bold)) { NoWrap = true });
        }
    }

    public void Add(params IEnumerable<string> cells) => _table.AddRow(cells.Select(cell => new Text(PlainText.Of(cell))));

    public void Write(ToolConsole console) => console.Styled.Write(_table);
}
