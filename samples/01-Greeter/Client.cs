using Micro.Grpc;
using Micro.Sqlite;

namespace Samples.Greeting;

internal static class Client
{
    public static async Task<int> RunAsync(string name, string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.AddMicro("greeter-client").AddGrpc().AddSqlite().AddClient<IGreeter>();
        using var host = builder.Build();
        await host.StartAsync();
        try
        {
            await CallAsync(host.Services.GetRequiredService<IGreeter>(), name);
            return 0;
        }
        catch (CallException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
        finally
        {
            await host.StopAsync();
        }
    }

    private static async Task CallAsync(IGreeter greeter, string name)
    {
        Console.WriteLine((await greeter.HelloAsync(new HelloRequest(name))).Text);

        await foreach (var tick in greeter.CountdownAsync(new CountdownRequest(3)))
        {
            Console.WriteLine($"  {tick.Left} ...");
        }

        var guests = new[] { "Ada", "Grace", "Barbara" }.Select(guest => new Guest(guest));
        var list = await greeter.WelcomeAsync(guests.ToAsyncEnumerable());
        Console.WriteLine($"{list.Count} guests, the longest name is {list.Longest}");

        var lines = new[] { "Nice to meet you", "Goodbye" }.Select(line => new Line(line));
        await foreach (var answer in greeter.TalkAsync(lines.ToAsyncEnumerable()))
        {
            Console.WriteLine(answer.Text);
        }

        try
        {
            await greeter.HelloAsync(new HelloRequest(name, "tlh"));
        }
        catch (CallException e)
        {
            Console.WriteLine($"As it should, this fails with {e.Message}");
        }
    }
}
