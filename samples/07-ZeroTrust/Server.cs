using Micro.AspNetCore.Hosting;
using Micro.Grpc;
using Micro.Sqlite;
using Micro.Tokens;

namespace Samples.ZeroTrust;

internal static class Server
{
    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.AddMicro("vault")
            .AddServer()                                             // mutual TLS, with a certificate of the authority in this home
            .AddGrpc()
            .AddSqlite()
            .AddTokens()                                             // accepts the tokens of this home
            .AddService<IVault, Vault>();
        await builder.Build().RunAsync();
    }
}
