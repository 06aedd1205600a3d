using System.Globalization;

namespace Shop.Launcher;

/// <summary>What can be asked of the launcher.</summary>
internal sealed record LauncherOptions
{
    public const string Usage = """
        usage: ./run [--once] [--rate N] [--concurrency N] [--orders FILE] [--all-logs]
          --once           place the orders of the file, stop, and write the summary as JSON on the last line
          --rate N         orders a second while the file lasts (default 60; 0: as fast as they go)
          --concurrency N  orders being placed at once, at most (default 12)
          --orders FILE    another file of orders (default samples/10-Shop/orders.jsonl)
          --all-logs       every line of every process, instead of two a second of each
        """;

    public bool Help { get; private init; }

    public bool Once { get; private init; }

    public bool AllLogs { get; private init; }

    public int Rate { get; private init; } = 60;

    public int Concurrency { get; private init; } = 12;

    public string? Orders { get; private init; }

    /// <exception cref="FormatException">An argument is not known or has no proper value; the message says which.</exception>
    public static LauncherOptions Parse(IReadOnlyList<string> args)
    {
        var options = new LauncherOptions();
        for (var i = 0; i < args.Count; i++)
        {
            options = args[i] switch
            {
                "--once" => options with { Once = true },
                "--all-logs" => options with { AllLogs = true },
                "--rate" => options with { Rate = Number(args, ++i, 0, 100_000) },
                "--concurrency" => options with { Concurrency = Number(args, ++i, 1, 1000) },
                "--orders" => options with { Orders = Value(args, ++i) },
                "--help" or "-h" => options with { Help = true },
                var unknown => throw new FormatException($"'{unknown}' is not an option."),
            };
        }

        return options;
    }

    private static string Value(IReadOnlyList<string> args, int index) =>
        index < args.Count ? args[index] : throw new FormatException($"{args[^1]} needs a value.");

    private static int Number(IReadOnlyList<string> args, int index, int least, int most) =>
        int.TryParse(Value(args, index), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new FormatException($"{args[index - 1]} is a number from {least} to {most}, not '{args[index]}'.");
}
