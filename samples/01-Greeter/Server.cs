using Micro.AspNetCore.Hosting;
using Micro.Grpc;
using Micro.Sqlite;

namespace Samples.Greeting;

internal static class Server
{
    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.AddMicro("greeter")
            .AddServer()                                             // grpc and http on Kestrel
            .AddGrpc()
            .AddSqlite()                                             // the registry: a file that the processes of this machine share
            .AddService<IGreeter, Greeter>();
        await builder.Build().RunAsync();
    }
}
