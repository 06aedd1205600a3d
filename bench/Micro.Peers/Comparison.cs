using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Micro.Peers;

/// <summary>Quartiles of one ratio over the rounds.</summary>
internal sealed record Ratio(string Of, string To, int Concurrency, int Payload, double Q1, double Median, double Q3);

/// <summary>Medians of one kind over the rounds.</summary>
internal sealed record KindSummary(
    string Kind, int Concurrency, double CallsPerS, double P50Us, double P99Us, double AllocPerCall, double ClientCpuUs, double ServerCpuUs);

internal sealed record ComparisonReport(IReadOnlyList<KindSummary> Kinds, IReadOnlyList<Ratio> Ratios);

/// <summary>
/// Alternates the kinds, round by round, with every client and server a process of its own that was warmed up first: what counts is the ratio within a round.
/// </summary>
internal sealed class Comparison(int rounds, double seconds, double warmUp, int payload, bool mtls)
{
    private static readonly string[] Kinds = ["raw-grpc", "micro-grpc", "raw-http", "micro-http", "micro-inproc"];
    private static readonly (string Of, string To)[] Pairs = [("micro-grpc", "raw-grpc"), ("micro-http", "raw-http")];

    public async Task<ComparisonReport> RunAsync(IReadOnlyList<int> concurrencies)
    {
        var home = Directory.CreateTempSubdirectory("micro-peers-");
        var summaries = new List<KindSummary>();
        var ratios = new List<Ratio>();
        try
        {
            foreach (var concurrency in concurrencies)
            {
                var (kinds, pairs) = await RunAsync(concurrency, home.FullName);
                summaries.AddRange(kinds);
                ratios.AddRange(pairs);
            }
        }
        finally
        {
            home.Delete(recursive: true);
        }

        return new ComparisonReport(summaries, ratios);
    }

    private async Task<(List<KindSummary> Kinds, List<Ratio> Ratios)> RunAsync(int concurrency, string home)
    {
        var peers = new List<Peer>();
        try
        {
            foreach (var kind in Kinds)
            {
                // A home for each kind: each has its own instance of the service to find.
                peers.Add(await Peer.StartAsync(kind, concurrency, payload, seconds, mtls, Path.Combine(home, $"{kind}-{concurrency}")));
            }

            foreach (var peer in peers)
            {
                await peer.RunAsync(warmUp);
            }

            var results = peers.ToDictionary(peer => peer.Kind, _ => new List<(RoundResult Client, double ServerCpuUs)>());
            for (var round = 0; round < rounds; round++)
            {
                foreach (var peer in peers)
                {
                    results[peer.Kind].Add(await peer.RunAsync(seconds));
                }

                Console.Error.WriteLine($"concurrency {concurrency}: round {round + 1} of {rounds}");
            }

            return (
                [.. Kinds.Select(kind => Summarise(kind, concurrency, results[kind]))],
                [.. Pairs.Select(pair => RatioOf(pair, concurrency, results))]);
        }
        finally
        {
            foreach (var peer in peers)
            {
                await peer.DisposeAsync();
            }
        }
    }

    private static KindSummary Summarise(string kind, int concurrency, List<(RoundResult Client, double ServerCpuUs)> results) => new(
        kind,
        concurrency,
        Quantile([.. results.Select(result => result.Client.CallsPerS)], 0.5),
        Quantile([.. results.Select(result => result.Client.P50Us)], 0.5),
        Quantile([.. results.Select(result => result.Client.P99Us)], 0.5),
        Quantile([.. results.Select(result => (double)result.Client.AllocPerCall)], 0.5),
        Quantile([.. results.Select(result => result.Client.ClientCpuUs)], 0.5),
        Quantile([.. results.Select(result => result.ServerCpuUs)], 0.5));

    private Ratio RatioOf((string Of, string To) pair, int concurrency, Dictionary<string, List<(RoundResult Client, double ServerCpuUs)>> results)
    {
        var ratios = results[pair.Of].Zip(results[pair.To], (of, to) => of.Client.CallsPerS / to.Client.CallsPerS).ToArray();
        return new Ratio(pair.Of, pair.To, concurrency, payload, Quantile(ratios, 0.25), Quantile(ratios, 0.5), Quantile(ratios, 0.75));
    }

    private static double Quantile(double[] values, double quantile)
    {
        Array.Sort(values);
        var position = (values.Length - 1) * quantile;
        var low = (int)position;
        var high = Math.Min(low + 1, values.Length - 1);
        return Math.Round(values[low] + ((values[high] - values[low]) * (position - low)), 3);
    }

    /// <summary>A server process and the client process that calls it, which waits for a line before each round.</summary>
    private sealed class Peer(string kind, Process? server, Process client) : IAsyncDisposable
    {
        public string Kind { get; } = kind;

        public static async Task<Peer> StartAsync(string kind, int concurrency, int payload, double seconds, bool mtls, string home)
        {
            Process? server = null;
            var port = 0;
            if (kind != "micro-inproc")
            {
                port = FreePort();
                server = Start(home, mtls, "server", kind, port.ToString(CultureInfo.InvariantCulture));
                await server.StandardOutput.ReadLineAsync();
            }

            var client = Start(
                home, mtls, "client", kind, $"{port}", $"{concurrency}", $"{payload}", seconds.ToString(CultureInfo.InvariantCulture), "--rounds");
            return new Peer(kind, server, client);
        }

        public async Task<(RoundResult Client, double ServerCpuUs)> RunAsync(double seconds)
        {
            var before = ServerCpu();
            await client.StandardInput.WriteLineAsync(seconds.ToString(CultureInfo.InvariantCulture));
            await client.StandardInput.FlushAsync();
            var line = await client.StandardOutput.ReadLineAsync()
                ?? throw new InvalidOperationException($"The client of {Kind} ended: {await client.StandardError.ReadToEndAsync()}");
            var result = JsonSerializer.Deserialize(line, RoundJson.Default.RoundResult)!;
            return (result, Math.Round((ServerCpu() - before).TotalMicroseconds / Math.Max(1, result.Calls), 2));
        }

        public async ValueTask DisposeAsync()
        {
            client.StandardInput.Close();
            await client.WaitForExitAsync();
            client.Dispose();
            if (server is not null)
            {
                server.StandardInput.Close();
                await server.WaitForExitAsync();
                server.Dispose();
            }
        }

        private TimeSpan ServerCpu()
        {
            server?.Refresh();
            return server?.TotalProcessorTime ?? TimeSpan.Zero;
        }

        private static Process Start(string home, bool mtls, params string[] arguments)
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
            if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            {
                start.ArgumentList.Add(typeof(Comparison).Assembly.Location);
            }

            foreach (var argument in arguments)
            {
                start.ArgumentList.Add(argument);
            }

            if (mtls)
            {
                start.ArgumentList.Add("--mtls");
            }

            start.Environment["MICRO_HOME"] = home;
            start.Environment["Micro__Security__Insecure"] = mtls ? "false" : "true";
            return Process.Start(start)!;
        }

        private static int FreePort()
        {
            using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
            listener.Start();
            return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        }
    }
}
