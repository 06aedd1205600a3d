using System.Globalization;
using System.Text.Json;
using Micro.Peers;

// Both sides prove who they are, the raw kinds with certificates made for the run, Micro with its own.
var mtls = args.Contains("--mtls");
switch (args.Where(one => one != "--mtls").ToArray())
{
    case ["server", var kind, var port]:
        await using (var app = EchoServers.Build(kind, int.Parse(port, CultureInfo.InvariantCulture), mtls))
        {
            await app.StartAsync();
            Console.WriteLine("ready");

            // Ends with its parent: when the other end of standard input closes.
            await Console.In.ReadToEndAsync();
            await app.StopAsync();
        }

        return 0;

    case ["client", var kind, var port, var concurrency, var payload, var seconds, .. var rest]:
        var callers = int.Parse(concurrency, CultureInfo.InvariantCulture);
        var bytes = int.Parse(payload, CultureInfo.InvariantCulture);
        await using (var client = await EchoClients.ConnectAsync(kind, int.Parse(port, CultureInfo.InvariantCulture), bytes, mtls))
        {
            var load = new LoadRound(client, kind, callers, bytes);
            if (!rest.Contains("--rounds"))
            {
                await load.RunAsync(double.Parse(seconds, CultureInfo.InvariantCulture));
                Print(await load.RunAsync(double.Parse(seconds, CultureInfo.InvariantCulture)));
                return 0;
            }

            while (await Console.In.ReadLineAsync() is { } line)
            {
                Print(await load.RunAsync(double.Parse(line, CultureInfo.InvariantCulture)));
            }
        }

        return 0;

    case ["compare", .. var options]:
        var report = await new Comparison(Option(options, "--rounds", 10), Option(options, "--seconds", 2), Option(options, "--warm-up", 10), 32, mtls)
            .RunAsync([1, 64]);
        if (options.Contains("--json"))
        {
            Console.WriteLine(JsonSerializer.Serialize(report, RoundJson.Default.ComparisonReport));
            return 0;
        }

        Console.WriteLine($"{"kind",-14}{"callers",8}{"calls/s",10}{"p50 us",9}{"p99 us",9}{"B/call",9}{"client us",11}{"server us",11}");
        foreach (var kind in report.Kinds)
        {
            Console.WriteLine($"{kind.Kind,-14}{kind.Concurrency,8}{kind.CallsPerS,10:F0}{kind.P50Us,9:F0}{kind.P99Us,9:F0}{kind.AllocPerCall,9:F0}{kind.ClientCpuUs,11:F1}{kind.ServerCpuUs,11:F1}");
        }

        foreach (var ratio in report.Ratios)
        {
            Console.WriteLine($"{ratio.Of} / {ratio.To} calls/s, {ratio.Concurrency} callers, {ratio.Payload} B: median {ratio.Median:F3} (quartiles {ratio.Q1:F3} to {ratio.Q3:F3})");
        }

        return 0;

    default:
        Console.Error.WriteLine("usage: server KIND PORT | client KIND PORT CONCURRENCY PAYLOAD SECONDS | compare [--json] [--rounds N] [--seconds S] [--warm-up S]   (each with --mtls)");
        Console.Error.WriteLine("kinds: raw-grpc raw-http micro-grpc micro-http micro-inproc");
        return 2;
}

static void Print(RoundResult result) => Console.WriteLine(JsonSerializer.Serialize(result, RoundJson.Default.RoundResult));

static int Option(string[] options, string name, int otherwise)
{
    var at = Array.IndexOf(options, name);
    return at >= 0 && at + 1 < options.Length ? int.Parse(options[at + 1], CultureInfo.InvariantCulture) : otherwise;
}
