using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using CsCheck;
using Micro.Codecs;
using Micro.Grpc.Codecs;
using Micro.MessagePack;
using Micro.Testing.Codecs;
using PolyType;

namespace Micro.Grpc.Tests.Codecs;

[JsonSerializable(typeof(CodecSample))]
internal sealed partial class CrossJson : JsonSerializerContext;

[GenerateShapeFor(typeof(CodecSample))]
internal sealed partial class CrossShapes;

public sealed class CrossCodecTests
{
    private static readonly JsonCodec Json = new([CrossJson.Default]);
    private static readonly MessagePackCodec MessagePack = new([CrossShapes.GeneratedTypeShapeProvider]);

    [Fact]
    public void COD_9_A_message_is_the_same_through_JSON_protobuf_and_MessagePack() =>
        CodecSamples.Any(nonFinite: false, absent: false).Select(sample => Samples.To(Samples.From(sample))).Sample(
            sample =>
            {
                var json = RoundTrip(Json, sample);
                var messagePack = RoundTrip(MessagePack, sample);
                var protobuf = Samples.To(RoundTrip(new ProtobufCodec(), Samples.From(sample)));
                var protobufJson = Samples.To(RoundTrip(new ProtobufJsonCodec(), Samples.From(sample)));
                var form = RoundTrip(new FormCodec(Json), sample);
                return CodecSamples.AreEqual(sample, json) && CodecSamples.AreEqual(json, messagePack) && CodecSamples.AreEqual(messagePack, protobuf)
                    && CodecSamples.AreEqual(protobuf, protobufJson) && CodecSamples.AreEqual(protobufJson, form);
            },
            iter: 200);

    [Fact]
    public void COD_9_Each_format_refuses_the_same_broken_text()
    {
        foreach (var text in new[] { "\ud800", "a\udc00b", "\udc00\ud800" })
        {
            Assert.Throws<CodecException>(() => RoundTrip(Json, new CodecSample { Text = text }));
            Assert.Throws<CodecException>(() => RoundTrip(MessagePack, new CodecSample { Text = text }));
            Assert.Throws<CodecException>(() => RoundTrip(new FormCodec(Json), new CodecSample { Text = text }));
            Assert.Throws<CodecException>(() => RoundTrip(new ProtobufCodec(), new Everything { Text = text }));
            Assert.Throws<CodecException>(() => RoundTrip(new ProtobufJsonCodec(), new Everything { Text = text }));
            Assert.Throws<CodecException>(() => RoundTrip(new TextCodec(), text));
        }
    }

    private static T RoundTrip<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(ICodec codec, T message)
    {
        var writer = new ArrayBufferWriter<byte>();
        codec.For<T>()!.Encode(message, writer);
        return codec.For<T>()!.Decode(new ReadOnlySequence<byte>(writer.WrittenMemory));
    }
}
