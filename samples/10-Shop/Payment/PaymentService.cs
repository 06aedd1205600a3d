using Shop.Contracts;

namespace Shop.Payment;

internal sealed partial class PaymentService(ChargeJournal journal, TimeProvider clock, ILogger<PaymentService> logger) : IPayment
{
    public async Task<ChargeReply> ChargeAsync(ChargeRequest request, CancellationToken cancellationToken = default)
    {
        if (request.OrderId.Length == 0 || request.Card.Length == 0 || request.Cents <= 0 || request.Currency != "EUR")
        {
            throw new CallException(CallStatusCode.InvalidArgument, "A charge needs an order, a card and an amount above zero in EUR.");
        }

        var (charge, repeated) = await journal.ChargeOnceAsync(request, clock.GetUtcNow(), cancellationToken);
        if (repeated)
        {
            ChargedBefore(request.OrderId, charge.Id);
        }
        else
        {
            Charged(request.OrderId, charge.Cents / 100m, request.Card);
        }

        return new ChargeReply { ChargeId = charge.Id, Cents = charge.Cents, Repeated = repeated };
    }

    [LoggerMessage(1, LogLevel.Information, "{Order} charged {Amount:0.00} € to {Card}")]
    private partial void Charged(string order, decimal amount, string card);

    [LoggerMessage(2, LogLevel.Information, "{Order} was charged before, as {Charge}; nothing is done")]
    private partial void ChargedBefore(string order, string charge);
}
