using Micro.AspNetCore.Hosting;
using Micro.Grpc;
using Micro.Sqlite;

namespace Samples.Chatting;

internal static class Server
{
    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Services.AddSingleton<Rooms>();
        builder.AddMicro("chat")
            .AddServer()
            .AddGrpc()
            .AddSqlite()
            .AddService<IChat, ChatService>();
        await builder.Build().RunAsync();
    }
}
