using System.Buffers;
using BenchmarkDotNet.Attributes;
using Micro.Codecs;
using Micro.MessagePack;

namespace Micro.Benchmarks.Codecs;

/// <summary>One order of about 130 bytes through each codec of records. Look at the ratios and the bytes.</summary>
[MemoryDiagnoser]
public class CodecBenchmarks
{
    private readonly ArrayBufferWriter<byte> _writer = new(4096);
    private IMessageCodec<OrderMessage> _codec = null!;
    private ReadOnlySequence<byte> _payload;

    /// <summary>Which codec.</summary>
    [Params("json", "json-without-options", "msgpack", "form")]
    public string Format { get; set; } = "json";

    [GlobalSetup]
    public void Setup()
    {
        ICodec codec = Format switch
        {
            "json" => new JsonCodec([OrderJson.Default]),
            "json-without-options" => new JsonCodec([OrderJsonWithoutOptions.Default]),
            "msgpack" => new MessagePackCodec([OrderShapes.GeneratedTypeShapeProvider]),
            _ => new FormCodec(new JsonCodec([OrderJson.Default])),
        };
        _codec = codec.For<OrderMessage>()!;
        _codec.Encode(OrderMessage.Sample, _writer);
        _payload = new ReadOnlySequence<byte>(_writer.WrittenSpan.ToArray());
    }

    [Benchmark]
    public void Encode()
    {
        _writer.ResetWrittenCount();
        _codec.Encode(OrderMessage.Sample, _writer);
    }

    [Benchmark]
    public object Decode() => _codec.Decode(_payload);
}
