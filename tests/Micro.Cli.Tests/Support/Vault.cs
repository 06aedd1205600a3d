namespace Micro.Cli.Tests.Support;

internal sealed class Vault : IVault
{
    public Task<HelloReply> OpenAsync(CallContext context) => Task.FromResult(new HelloReply($"open to {context.Caller.Identity!.Service}"));

    public Task<HelloReply> AuditAsync(CallContext context) => Task.FromResult(new HelloReply($"told to {context.OnBehalfOf!.Id} through {context.Caller.Identity!.Service}"));
}
