using Micro.Security;

namespace Micro.Grpc.Tests.Security;

/// <summary>Says who calls, as it was verified.</summary>
[MicroService("trolley")]
[Allow("shopper")]
public interface ITrolley
{
    Task<string> WhoAsync(string text, CallContext context);
}

internal sealed class Trolley : ITrolley
{
    public Task<string> WhoAsync(string text, CallContext context) => Task.FromResult($"{text} {context.Caller.Identity}");
}
