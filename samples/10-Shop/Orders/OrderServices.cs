using Shop.Contracts;

namespace Shop.Orders;

/// <summary>The services an order needs.</summary>
internal sealed record OrderServices(ICart Cart, IPricing Pricing, IPayment Payment, IShipping Shipping, ITracking Tracking);
