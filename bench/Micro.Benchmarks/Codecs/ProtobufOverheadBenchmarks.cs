using System.Buffers;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Micro.Codecs;
using Micro.Grpc.Codecs;

namespace Micro.Benchmarks.Codecs;

/// <summary>The protobuf codec against Google.Protobuf by itself, over a message of texts, numbers and messages inside.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
public class ProtobufOverheadBenchmarks
{
    private readonly ArrayBufferWriter<byte> _writer = new(4096);
    private readonly IMessageCodec<Api> _codec = new ProtobufCodec().For<Api>()!;

    private readonly Api _message = new()
    {
        Name = "shop.Orders",
        Methods = { new Method { Name = "Place", RequestTypeUrl = "shop.Order" }, new Method { Name = "Track", ResponseStreaming = true } },
        Version = "v1",
    };

    private ReadOnlySequence<byte> _payload;

    [GlobalSetup]
    public void Setup() => _payload = new ReadOnlySequence<byte>(_message.ToByteArray());

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("encode")]
    public void EncodePlain()
    {
        _writer.ResetWrittenCount();
        _message.WriteTo(_writer);
    }

    [Benchmark]
    [BenchmarkCategory("encode")]
    public void EncodeCodec()
    {
        _writer.ResetWrittenCount();
        _codec.Encode(_message, _writer);
    }

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("decode")]
    public object DecodePlain() => Api.Parser.ParseFrom(_payload);

    [Benchmark]
    [BenchmarkCategory("decode")]
    public object DecodeCodec() => _codec.Decode(_payload);
}
