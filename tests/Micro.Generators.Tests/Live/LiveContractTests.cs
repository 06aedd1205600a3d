using System.Text.Json;
using Micro.Rpc;
using Micro.Security;

namespace Micro.Generators.Tests.Live;

/// <summary>A contract bound by the generator as it runs in a build.</summary>
public sealed class LiveContractTests
{
    private static readonly Order Sample = new("o-1", 12.5m, [new Line("tea", 2), new Line("cup", 1, "blue")]);

    private readonly ContractDescriptor _contract = ContractTable.Get(typeof(IOrders));

    [Fact]
    public void The_module_initializer_registered_the_contract()
    {
        Assert.Equal("orders", _contract.Service);
        Assert.Equal("orders.Orders", _contract.Name);
        Assert.Same(OrdersJson.Default, _contract.Json);
        Assert.NotNull(_contract.CreateClient);
        Assert.Equal(
            [("Place", CallKind.Unary), ("Cancel", CallKind.Unary), ("Follow", CallKind.ServerStream), ("Import", CallKind.ClientStream), ("Trade", CallKind.Duplex)],
            _contract.Methods.Select(method => (method.Spec.Method, method.Spec.Kind)));
    }

    [Fact]
    public void Descriptions_carry_rules_idempotency_and_summary()
    {
        var place = _contract.Methods[0].Description;

        Assert.True(place.Spec.Idempotent);
        Assert.Equal("Places an order.", place.Summary);
        Assert.Equal("*/*", Assert.Single(place.Rules).Caller);
        Assert.Equal("", Assert.Single(_contract.Methods[4].Description.Rules).Scope);
        Assert.Equal("o-1", Method<Order, Receipt>(0).RouteKey!(Sample));
        Assert.Null(Method<string, NoMessage>(1).RouteKey);
    }

    [Fact]
    public async Task Unary_handlers_call_the_object_with_the_token_of_the_call()
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var orders = new Orders();
        var context = new CallContext(cancellationToken: source.Token);

        var receipt = await Method<Order, Receipt>(0).UnaryHandler!(orders, Sample, context);
        await Method<string, NoMessage>(1).UnaryHandler!(orders, "o-2", context);

        Assert.Equal("o-1", receipt.Id);
        Assert.Equal([source.Token, "o-2", context], orders.Given);
    }

    [Fact]
    public async Task Stream_handlers_call_the_object()
    {
        var orders = new Orders();
        var context = new CallContext(cancellationToken: TestContext.Current.CancellationToken);
        var stream = new[] { Sample, Sample with { Id = "o-2" } }.ToAsyncEnumerable();

        Assert.Equal(2, await Method<Order, Receipt>(2).ServerStreamHandler!(orders, Sample, context).CountAsync(context.CancellationToken));
        Assert.Equal("o-2", (await Method<Order, Receipt>(3).ClientStreamHandler!(orders, stream, context)).Id);
        var traded = await Method<Order, Receipt>(4).DuplexHandler!(orders, stream, context).Select(receipt => receipt.Id).ToListAsync(context.CancellationToken);
        Assert.Equal(["o-1", "o-2"], traded);
    }

    [Fact]
    public void The_schema_names_every_member_the_serializer_writes()
    {
        using var schema = JsonDocument.Parse(_contract.Methods[0].Description.RequestSchema);
        using var written = JsonDocument.Parse(JsonSerializer.Serialize(Sample, OrdersJson.Default.Order));

        Fits(written.RootElement, schema.RootElement);
        Assert.Equal(4, schema.RootElement.GetProperty("properties").EnumerateObject().Count());
    }

    private static void Fits(JsonElement value, JsonElement schema)
    {
        var types = schema.GetProperty("type") is { ValueKind: JsonValueKind.Array } several ? several.EnumerateArray().Select(one => one.GetString()!) : [schema.GetProperty("type").GetString()!];
        Assert.Contains(value.ValueKind switch
        {
            JsonValueKind.Object => "object",
            JsonValueKind.Array => "array",
            JsonValueKind.String => "string",
            JsonValueKind.Null => "null",
            JsonValueKind.Number => types.Contains("integer") ? "integer" : "number",
            _ => "boolean",
        }, types);
        foreach (var property in value.ValueKind == JsonValueKind.Object ? [.. value.EnumerateObject()] : Array.Empty<JsonProperty>())
        {
            Fits(property.Value, schema.GetProperty("properties").GetProperty(property.Name));
        }

        foreach (var item in value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : Array.Empty<JsonElement>())
        {
            Fits(item, schema.GetProperty("items"));
        }
    }

    private CallMethod<TRequest, TResponse> Method<TRequest, TResponse>(int index) => Assert.IsType<CallMethod<TRequest, TResponse>>(_contract.Methods[index]);
}
