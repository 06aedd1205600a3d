using Micro.Security;

namespace Micro.AspNetCore.Tests.Authority;

/// <summary>A contract that says who called.</summary>
[MicroService("cart")]
[Allow(Callers.TrustDomain)]
public interface ICart
{
    Task<string> WhoAsync(string text, CallContext context);
}

/// <summary>Says who called.</summary>
public sealed class Cart : ICart
{
    public Task<string> WhoAsync(string text, CallContext context) => Task.FromResult(context.Caller.ToString());
}
