using Micro.Generators.Tests.Support;

namespace Micro.Generators.Tests;

/// <summary>The whole file of one contract, to be read when the generator changes: set MICRO_UPDATE_GOLDEN=1 to write it anew.</summary>
public sealed class GoldenTests
{
    private const string Source = """
        namespace Samples.Greeting;

        [MicroService("greeter", Json = typeof(GreeterJson))]
        [Allow(Callers.TrustDomain)]
        public interface IGreeter
        {
            /// <summary>Says hello. Twice, if asked.</summary>
            [Idempotent]
            Task<HelloReply> HelloAsync(HelloRequest request, CancellationToken cancellationToken = default);

            IAsyncEnumerable<Tick> TicksAsync(CancellationToken cancellationToken = default);

            [Allow("loader"), Allow(Callers.Anyone)]
            ValueTask UploadAsync(IAsyncEnumerable<byte[]> chunks, CallContext? context = null);

            IAsyncEnumerable<string> ChatAsync(IAsyncEnumerable<string> lines);
        }

        public sealed record HelloRequest([RouteKey] string Name, int? Times = null);

        public sealed record HelloReply(string Text);

        public readonly record struct Tick(long Number, DateTimeOffset At);

        [JsonSerializable(typeof(HelloRequest)), JsonSerializable(typeof(HelloReply)), JsonSerializable(typeof(Tick))]
        internal sealed class GreeterJson() : JsonSerializerContext(null)
        {
            public static GreeterJson Default { get; } = new();
            protected override JsonSerializerOptions? GeneratedSerializerOptions => null;
            public override JsonTypeInfo? GetTypeInfo(Type type) => null;
        }
        """;

    [Fact]
    public void The_file_of_a_contract_reads_as_expected()
    {
        var generated = Generated.Clean(Source);
        var source = generated.OneSource.Replace(typeof(ContractGenerator).Assembly.GetName().Version!.ToString(), "VERSION", StringComparison.Ordinal);

        if (Environment.GetEnvironmentVariable("MICRO_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(Path.Combine(SourceFolder(), "Golden", "Greeter.g.txt"), source);
        }

        using var golden = new StreamReader(typeof(GoldenTests).Assembly.GetManifestResourceStream("Greeter.g.txt")!);
        Assert.Equal(golden.ReadToEnd(), source);
        Assert.Equal("Samples.Greeting.IGreeter.g.cs", generated.Sources[0].HintName);
    }

    private static string SourceFolder([System.Runtime.CompilerServices.CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
