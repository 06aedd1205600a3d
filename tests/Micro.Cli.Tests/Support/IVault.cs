using Micro.Security;

namespace Micro.Cli.Tests.Support;

/// <summary>Open to few.</summary>
[MicroService("vault", Json = typeof(GreeterJson))]
public interface IVault
{
    [Allow("teller")]
    Task<HelloReply> OpenAsync(CallContext context);

    [RequireScope("vault.audit")]
    Task<HelloReply> AuditAsync(CallContext context);
}
