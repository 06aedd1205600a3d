namespace Shop.Contracts;

/// <summary>Takes the money. The contract is <c>payment.proto</c>: its messages, and the name it has there.</summary>
[MicroService("payment", Contract = "shop.v1.Payment")]
[Allow("orders")]
public interface IPayment
{
    /// <summary>Charges a card for an order. Charging for the same order again changes nothing.</summary>
    [Idempotent]
    Task<ChargeReply> ChargeAsync(ChargeRequest request, CancellationToken cancellationToken = default);
}
