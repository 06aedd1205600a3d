using System.Text.Json.Serialization;

namespace Snippets.Rpc;

public sealed record Mail(string To, string Text);

public sealed record Receipt(string Id);

public sealed record QuoteRequest(string Item);

public sealed record Quote(decimal Price);

[JsonSerializable(typeof(Mail))]
[JsonSerializable(typeof(Receipt))]
public sealed partial class MailerJson : JsonSerializerContext;

[JsonSerializable(typeof(QuoteRequest))]
[JsonSerializable(typeof(Quote))]
public sealed partial class PricingJson : JsonSerializerContext;

[MicroService("mailer", Json = typeof(MailerJson))]
public interface IMailer
{
    [Allow(Callers.TrustDomain)]
    Task<Receipt> SendAsync(Mail mail, CancellationToken cancellationToken = default);
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
    public static async Task<string?> CallAsync(IPricing pricing, IMailer mailer, QuoteRequest request, string customer)
    {
        var context = new CallContext(new CallOptions { Timeout = TimeSpan.FromSeconds(1), RouteKey = customer });
        var quote = await pricing.QuoteAsync(request, context);           // a method that takes a CallContext
        var server = context.ResponseHeaders["x-served-by"];

        using (CallOptions.Use(new CallOptions { Address = new Uri("grpc+insecure://127.0.0.1:5001") }))
        {
            await mailer.SendAsync(new Mail(customer, "Hello"));               // any method, in this flow
        }

        return $"{quote.Price} by {server}";
    }
}
