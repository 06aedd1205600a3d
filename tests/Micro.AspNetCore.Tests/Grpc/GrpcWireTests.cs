using CsCheck;
using global::Grpc.Core;
using Micro.Grpc;
using Client = Micro.Grpc;
using Server = Micro.AspNetCore.Grpc;

namespace Micro.AspNetCore.Tests.Grpc;

/// <summary>What both halves write and read must be the same thing.</summary>
public sealed class GrpcWireTests
{
    [Fact]
    public void TRN_4_A_deadline_arrives_never_longer_and_hardly_shorter() =>
        Gen.Long[1, TimeSpan.FromDays(48).Ticks].Sample(ticks =>
        {
            var sent = TimeSpan.FromTicks(ticks);
            var text = Client.GrpcTimeout.Format(sent);
            Assert.True(text.Length <= 9);
            Assert.True(Server.GrpcTimeout.TryRead(text, out var read));
            Assert.True(read <= sent || sent < TimeSpan.FromMicroseconds(1), $"{sent} came as {read}");
            Assert.True(sent - read <= TimeSpan.FromMilliseconds(1) || (sent - read) / sent < 0.001, $"{sent} came as {read}");
        });

    [Fact]
    public void TRN_4_A_deadline_that_has_passed_is_sent_as_the_shortest()
    {
        Assert.Equal("1n", Client.GrpcTimeout.Format(TimeSpan.Zero));
        Assert.Equal("1n", Client.GrpcTimeout.Format(TimeSpan.FromSeconds(-3)));
        Assert.True(Server.GrpcTimeout.TryRead("1n", out var read));
        Assert.True(read <= TimeSpan.Zero);
    }

    [Fact]
    public void TRN_6_No_text_makes_the_reader_of_deadlines_fail() =>
        Gen.String[0, 12].Sample(text =>
        {
            if (text.Length > 0)
            {
                Server.GrpcTimeout.ReadGoMicro(text);
            }

            Server.GrpcTimeout.TryRead(text, out _);
        });

    [Fact]
    public void E01_Details_survive_the_way_whatever_they_are() =>
        Gen.Select(Gen.Int[1, 16], Gen.String, Gen.Select(Gen.String, Gen.Byte.Array[0, 50]).Array[0, 4]).Sample((code, message, details) =>
        {
            message = Sane(message);
            var status = new CallStatus((CallStatusCode)code, message, [.. details.Select(detail => new CallErrorDetail(Sane(detail.Item1), detail.Item2))]);
            var text = message;
            var read = Client.StatusDetails.Read(Server.StatusDetails.Write(status, "a.B"), ref text);
            Assert.Equal(status.Details, read);
            Assert.Equal(message, text);
        });

    [Fact]
    public void COD_2_No_bytes_make_the_reader_of_details_fail() =>
        Gen.Select(Gen.Byte.Array[0, 100], Gen.String).Sample((bytes, message) =>
        {
            Client.StatusDetails.Read(bytes, ref message);
        });

    [Theory]
    [InlineData("application/protobuf")]
    [InlineData("application/json")]
    [InlineData("application/msgpack")]
    [InlineData("application/octet-stream")]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/cbor")]
    public void COD_7_Content_types_are_read_as_they_were_written(string contentType) =>
        Assert.Equal(contentType, Server.GrpcContentType.Read(GrpcContentTypes.ToHeader(contentType)!.ToString()));

    [Theory]
    [InlineData("application/grpc", true)]
    [InlineData("application/grpc+json", true)]
    [InlineData("application/grpc;charset=utf-8", true)]
    [InlineData("application/grpc-web", false)]
    [InlineData("application/grpc-web+proto", false)]
    [InlineData("application/json", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_grpc_is_taken_for_grpc(string? contentType, bool expected) => Assert.Equal(expected, Server.GrpcContentType.IsGrpc(contentType));

    [Fact]
    public void A_request_that_was_given_back_is_not_read_any_more()
    {
        var request = new GrpcRequest();
        request.Hold(new byte[] { 1, 2, 3 });
        var writer = new Context();
        GrpcRequest.Marshaller.ContextualSerializer(request, writer);
        Assert.Equal([1, 2, 3], writer.Written.WrittenSpan.ToArray());
        request.Release();
        Assert.Throws<OperationCanceledException>(() => GrpcRequest.Marshaller.ContextualSerializer(request, new Context()));
    }

    /// <summary>Lone surrogates have no UTF-8.</summary>
    private static string Sane(string text) => new([.. text.Where(c => !char.IsSurrogate(c))]);

    private sealed class Context : SerializationContext
    {
        public System.Buffers.ArrayBufferWriter<byte> Written { get; } = new();

        public override System.Buffers.IBufferWriter<byte> GetBufferWriter() => Written;

        public override void SetPayloadLength(int payloadLength)
        {
        }

        public override void Complete()
        {
        }
    }
}
