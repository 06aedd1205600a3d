using System.Buffers;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Micro.Codecs;

namespace Micro.Benchmarks.Codecs;

/// <summary>What strictness costs: the JSON codec against System.Text.Json by itself, over the same generated metadata.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
public class JsonOverheadBenchmarks
{
    private readonly ArrayBufferWriter<byte> _writer = new(4096);
    private readonly Utf8JsonWriter _json = new(Stream.Null);
    private readonly IMessageCodec<OrderMessage> _codec = new JsonCodec([OrderJson.Default]).For<OrderMessage>()!;
    private byte[] _payload = [];

    [GlobalSetup]
    public void Setup()
    {
        _codec.Encode(OrderMessage.Sample, _writer);
        _payload = _writer.WrittenSpan.ToArray();
    }

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("encode")]
    public void EncodePlain()
    {
        _writer.ResetWrittenCount();
        _json.Reset(_writer);
        JsonSerializer.Serialize(_json, OrderMessage.Sample, OrderJson.Default.OrderMessage);
        _json.Flush();
    }

    [Benchmark]
    [BenchmarkCategory("encode")]
    public void EncodeCodec()
    {
        _writer.ResetWrittenCount();
        _codec.Encode(OrderMessage.Sample, _writer);
    }

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("decode")]
    public object? DecodePlain() => JsonSerializer.Deserialize(_payload, OrderJson.Default.OrderMessage);

    [Benchmark]
    [BenchmarkCategory("decode")]
    public object DecodeCodec() => _codec.Decode(new ReadOnlySequence<byte>(_payload));
}
