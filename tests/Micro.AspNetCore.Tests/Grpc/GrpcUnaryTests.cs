using System.IO.Compression;
using System.Text;
using Micro.AspNetCore.Tests.Support;
using Micro.Transport;

namespace Micro.AspNetCore.Tests.Grpc;

/// <summary>What the unary client makes of messages that are framed, compressed or counted otherwise than they should be.</summary>
public sealed class GrpcUnaryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    public async Task TRN_2_A_message_that_stops_short_is_an_error_and_not_a_hang(int bytes)
    {
        var whole = RawHttp2.Message("\"text\""u8.ToArray());
        var reply = await AnswerAsync(whole[..bytes]);
        Assert.Equal(CallStatusCode.Internal, reply.End.Status.Code);
        Assert.Contains("middle of a message", reply.End.Status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_success_without_a_message_has_none()
    {
        var reply = await AnswerAsync([]);
        Assert.True(reply.End.Status.IsOk);
        Assert.Null(reply.Message);
    }

    [Fact]
    public async Task An_empty_message_is_a_message()
    {
        var reply = await AnswerAsync(RawHttp2.Message([]));
        Assert.True(reply.End.Status.IsOk);
        Assert.Equal(0, reply.Message!.Memory.Length);
    }

    [Fact]
    public async Task Several_messages_are_an_error()
    {
        var one = RawHttp2.Message("1"u8.ToArray());
        Assert.Equal(CallStatusCode.Internal, (await AnswerAsync([.. one, .. one])).End.Status.Code);

        // Also where the second comes after the first was read.
        Assert.Equal(CallStatusCode.Internal, (await AnswerAsync(one, one)).End.Status.Code);
    }

    [Fact]
    public async Task A_message_in_pieces_is_put_together()
    {
        var payload = new byte[20_000];
        Random.Shared.NextBytes(payload);
        var whole = RawHttp2.Message(payload);
        var reply = await AnswerAsync([.. whole.Chunk(4_999)]);
        Assert.Equal(payload, reply.Message!.Memory.ToArray());
    }

    [Theory]
    [InlineData(2, null)]
    [InlineData(255, "gzip")]
    [InlineData(1, null)]
    [InlineData(1, "identity")]
    [InlineData(1, "br")]
    public async Task COD_6_A_flag_or_an_encoding_that_is_not_known_is_an_error(byte flag, string? encoding)
    {
        var reply = await AnswerAsync(encoding, RawHttp2.Message("1"u8.ToArray(), flag: flag));
        Assert.Equal(CallStatusCode.Internal, reply.End.Status.Code);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task K20_A_compressed_message_is_read(string encoding)
    {
        var payload = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 5_000)));
        var reply = await AnswerAsync(encoding, RawHttp2.Message(Compress(encoding, payload), flag: 1));
        Assert.Equal(payload, reply.Message!.Memory.ToArray());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task COD_6_A_decompression_bomb_is_refused_at_the_limit(string encoding)
    {
        var bomb = Compress(encoding, new byte[64 * 1024 * 1024]);
        var reply = await AnswerAsync(encoding, RawHttp2.Message(bomb, flag: 1));
        Assert.Equal(CallStatusCode.ResourceExhausted, reply.End.Status.Code);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task COD_2_A_message_that_only_claims_to_be_compressed_is_an_error(string encoding)
    {
        Assert.Equal(CallStatusCode.Internal, (await AnswerAsync(encoding, RawHttp2.Message("plain text"u8.ToArray(), flag: 1))).End.Status.Code);
    }

    [Fact]
    public async Task V16_Several_values_of_a_header_arrive_as_several()
    {
        (string, string)[] headers =
        [
            (":status", "200"), ("content-type", "application/grpc+json"), ("x-one", "a, b"), ("x-one", "c"), ("x-data-bin", "AQ,Ag=="), ("date", "today"),
        ];
        await using var server = new RawHttp2Server(async (connection, stream, token) =>
        {
            await connection.SendHeadersAsync(stream, headers, end: false, token);
            await connection.SendAsync(RawHttp2.Data, 0, stream, RawHttp2.Message("1"u8.ToArray()), token);
            await connection.SendHeadersAsync(stream, [("grpc-status", "0"), ("x-end", "z")], end: true, token);
        });
        var reply = await CallAsync(server.Address, GrpcClientTests.Call with { WantsHeaders = true });
        Assert.Equal(["a, b", "c"], reply.Headers!.GetAll("x-one"));
        Assert.Equal(["AQ==", "Ag=="], reply.Headers!.GetAll("x-data-bin"));
        Assert.False(reply.Headers!.Contains("date"));
        Assert.Equal("z", reply.End.Trailers!["x-end"]);
    }

    [Fact]
    public async Task A_message_with_an_escaped_text_is_unescaped()
    {
        await using var server = new RawHttp2Server((connection, stream, token) => connection.SendHeadersAsync(
            stream, [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "9"), ("grpc-message", "%E2%82%AC 5 %zz %")], end: true, token));
        var reply = await CallAsync(server.Address, GrpcClientTests.Call);
        Assert.Equal((CallStatusCode.FailedPrecondition, "€ 5 %zz %"), (reply.End.Status.Code, reply.End.Status.Message));
    }

    private static Task<UnaryReply> AnswerAsync(params byte[][] data) => AnswerAsync(null, data);

    private static async Task<UnaryReply> AnswerAsync(string? encoding, params byte[][] data)
    {
        await using var server = new RawHttp2Server(async (connection, stream, token) =>
        {
            (string, string)[] headers = [(":status", "200"), ("content-type", "application/grpc+json"), .. encoding is null ? [] : new[] { ("grpc-encoding", encoding) }];
            await connection.SendHeadersAsync(stream, headers, end: false, token);
            foreach (var piece in data.SelectMany(piece => piece.Chunk(16_384)))
            {
                await connection.SendAsync(RawHttp2.Data, 0, stream, piece, token);
            }

            await connection.SendHeadersAsync(stream, [("grpc-status", "0")], end: true, token);
        });
        return await CallAsync(server.Address, GrpcClientTests.Call).WaitAsync(TimeSpan.FromSeconds(20), Token);
    }

    private static async Task<UnaryReply> CallAsync(Uri address, OutgoingCall call)
    {
        await using var connection = GrpcClientTests.Transport().Connect(address, new ConnectionTarget("greeter"));
        return await GrpcClientTests.Unary(connection).CallAsync(call, "\"x\""u8.ToArray(), Token);
    }

    private static byte[] Compress(string encoding, byte[] payload)
    {
        using var result = new MemoryStream();
        using (Stream deflating = encoding == "gzip" ? new GZipStream(result, CompressionLevel.Optimal) : new ZLibStream(result, CompressionLevel.Optimal))
        {
            deflating.Write(payload);
        }

        return result.ToArray();
    }
}
