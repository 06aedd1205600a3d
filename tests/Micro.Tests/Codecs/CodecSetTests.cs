using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Micro.Codecs;
using Micro.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.Tests.Codecs;

public sealed class CodecSetTests
{
    [Fact]
    public void COD_7_The_content_type_alone_chooses_the_codec()
    {
        var set = CodecSet.WithBuiltIn([], [PlainOrderJson.Default]);

        Assert.NotNull(set.Find<Order>(ContentTypes.Json));
        Assert.NotNull(set.Find<Order>(ContentTypes.Form));
        Assert.NotNull(set.Find<string>(ContentTypes.Text));
        Assert.NotNull(set.Find<byte[]>(ContentTypes.Bytes));
        Assert.Null(set.Find<Order>(ContentTypes.Text));
        Assert.Null(set.Find<Order>(""));
        Assert.Null(set.Find<Order>("application/xml"));
    }

    [Fact]
    public void COD_7_Of_codecs_with_one_content_type_the_first_that_carries_the_message_is_used()
    {
        var set = new CodecSet([new Only<int>(ContentTypes.Json), new JsonCodec([])]);

        Assert.IsType<Only<int>>(set.Find<int>(ContentTypes.Json));
        Assert.IsType<JsonMessageCodec<string>>(set.Find<string>(ContentTypes.Json));
    }

    [Fact]
    public void E22_Protobuf_comes_before_JSON_and_JSON_before_others()
    {
        var set = CodecSet.WithBuiltIn([new Only<Order>("application/x-one"), new Only<Order>(ContentTypes.Protobuf), new Only<Order>("application/x-two")], []);

        Assert.Equal([ContentTypes.Protobuf, ContentTypes.Json, "application/x-one", "application/x-two", ContentTypes.Form], set.ContentTypesFor<Order, Order>());
        Assert.Equal(ContentTypes.Protobuf, set.DefaultFor<Order, NoMessage>());
        Assert.Equal([ContentTypes.Json, ContentTypes.Text], set.ContentTypesFor<string, string>());
        Assert.Equal(ContentTypes.Json, set.DefaultFor<Order, string>());
        Assert.Equal(ContentTypes.Json, set.DefaultFor<NoMessage, NoMessage>());
    }

    [Fact]
    public void E23_A_message_nothing_carries_is_named_with_what_there_is()
    {
        var set = new CodecSet([new TextCodec(), new Only<Order>("application/x-one")]);
        var error = Assert.Throws<InvalidOperationException>(() => set.DefaultFor<Order, string>());

        Assert.Contains("Micro.Tests.Codecs.Order (application/x-one)", error.Message, StringComparison.Ordinal);
        Assert.Contains("System.String (text/plain)", error.Message, StringComparison.Ordinal);
        Assert.Contains("Registered are: text/plain, application/x-one", error.Message, StringComparison.Ordinal);
        Assert.Contains("no codec carries it", Assert.Throws<InvalidOperationException>(() => set.DefaultFor<int, int>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void E23_An_unknown_content_type_is_answered_with_those_accepted()
    {
        Assert.Equal("The content type 'application/xml' is not supported here; accepted are: application/json, text/plain.", CodecSet.Refusal("application/xml", [ContentTypes.Json, ContentTypes.Text]));
        Assert.Equal("No content type was sent; accepted are: application/json.", CodecSet.Refusal("", [ContentTypes.Json]));
        Assert.Equal("The content type 'a?[31m?' is not supported here; accepted are: application/json.", CodecSet.Refusal("a\u001b[31mé", [ContentTypes.Json]));
    }

    [Fact]
    public void E20_No_message_is_carried_by_every_content_type()
    {
        var set = CodecSet.WithBuiltIn([new Only<Order>(ContentTypes.Protobuf)], []);
        foreach (var contentType in new[] { ContentTypes.Json, ContentTypes.Protobuf, ContentTypes.Text, ContentTypes.Bytes, ContentTypes.Form })
        {
            var codec = set.Find<NoMessage>(contentType)!;
            var writer = new ArrayBufferWriter<byte>();
            codec.Encode(default, writer);

            Assert.Equal(contentType == ContentTypes.Json ? "{}" : "", Encoding.UTF8.GetString(writer.WrittenSpan));
            foreach (var text in new[] { "", "{}", " { } ", "\r\n\t{\n}" })
            {
                Assert.Equal(default, codec.Decode(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(text))));
            }

            foreach (var text in new[] { "{", "}", "{}}", "{}{}", "null", "[]", "{\"a\":1}", "x" })
            {
                Assert.Throws<CodecException>(() => codec.Decode(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(text))));
            }
        }

        Assert.Null(set.Find<NoMessage>("application/xml"));
    }

    [Fact]
    public void PLG_An_added_codec_goes_before_the_built_in_one()
    {
        var builder = new Builder();
        builder.Services.AddCodecSet();
        builder.AddCodec(new Only<Order>(ContentTypes.Json)).AddJson(SnakeOrderJson.Default);
        using var provider = builder.Services.BuildServiceProvider();
        var set = provider.GetRequiredService<CodecSet>();

        Assert.IsType<Only<Order>>(set.Find<Order>(ContentTypes.Json));
        Assert.NotNull(set.Find<Order>(ContentTypes.Form));
        Assert.Same(set, provider.GetRequiredService<CodecSet>());
    }

    private sealed class Only<TMessage>(string contentType) : ICodec, IMessageCodec<TMessage>
    {
        public string ContentType => contentType;

        public IMessageCodec<T>? For<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>() => this as IMessageCodec<T>;

        public void Encode(TMessage message, IBufferWriter<byte> writer) => throw new NotSupportedException();

        public TMessage Decode(in ReadOnlySequence<byte> payload) => throw new NotSupportedException();
    }

    private sealed class Builder : IMicroBuilder
    {
        public string Name => "test";

        public IServiceCollection Services { get; } = new ServiceCollection();

        public IConfiguration Configuration { get; } = new ConfigurationBuilder().Build();
    }
}
