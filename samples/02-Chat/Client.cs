using Micro.Grpc;
using Micro.Sqlite;

namespace Samples.Chatting;

internal static class Client
{
    public static async Task<int> RunAsync(string name, string room, string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.AddMicro("chat-client").AddGrpc().AddSqlite().AddClient<IChat>();
        using var host = builder.Build();
        await host.StartAsync();
        try
        {
            return await TalkAsync(host.Services.GetRequiredService<IChat>(), name, room);
        }
        catch (CallException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
        finally
        {
            await host.StopAsync();
        }
    }

    private static async Task<int> TalkAsync(IChat chat, string name, string room)
    {
        using var heardSoFar = new Transcript();
        var script = new Script(chat, heardSoFar, name, room);
        await foreach (var heard in chat.JoinAsync(script.LinesAsync()))
        {
            // What one types is on the screen already; a script wants to see it.
            if (heard.Name != name || Console.IsInputRedirected)
            {
                Console.WriteLine(Text(heard));
            }

            heardSoFar.Add(Text(heard));
        }

        return script.Failed ? 1 : 0;
    }

    private static string Text(Heard heard) => heard.Kind switch
    {
        HeardKind.Came => $"* {heard.Name} came",
        HeardKind.Went => $"* {heard.Name} went",
        _ => $"{heard.Name}: {heard.Text}",
    };
}
