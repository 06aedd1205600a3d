using System.Text.Json.Serialization;

namespace Snippets.Rpc;

public sealed record HelloRequest(string Name);

public sealed record HelloReply(string Text);

public sealed record QuoteRequest(string Item);

public sealed record Quote(decimal Price);

[JsonSerializable(typeof(HelloRequest))]
[JsonSerializable(typeof(HelloReply))]
public sealed partial class GreeterJson : JsonSerializerContext;

[JsonSerializable(typeof(QuoteRequest))]
[JsonSerializable(typeof(Quote))]
public sealed partial class PricingJson : JsonSerializerContext;

[MicroService("greeter", Json = typeof(GreeterJson))]
public interface IGreeter
{
    [Allow(Callers.TrustDomain)]
    Task<HelloReply> HelloAsync(HelloRequest request, CancellationToken cancellationToken = default);
}

[MicroService("pricing", Json = typeof(PricingJson))]
[Allow(Callers.TrustDomain)]
public interface IPricing
{
    [Idempotent]
    Task<Quote> QuoteAsync(QuoteRequest request, CallContext context);
}

public static class Calls
{
    public static async Task<string?> CallAsync(IPricing pricing, IGreeter greeter, QuoteRequest request, string customer)
    {
        var context = new CallContext(new CallOptions { Timeout = TimeSpan.FromSeconds(1), RouteKey = customer });
        var quote = await pricing.QuoteAsync(request, context);           // a method that takes a CallContext
        var server = context.ResponseHeaders["x-served-by"];

        using (CallOptions.Use(new CallOptions { Address = new Uri("grpc+insecure://127.0.0.1:5001") }))
        {
            await greeter.HelloAsync(new HelloRequest(customer));           // any method, in this flow
        }

        return $"{quote.Price} by {server}";
    }
}
