using Micro.Discovery;
using Micro.Hosting;
using Micro.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.Soak.Registry;

/// <summary>
/// A process that registers one instance and says so on its output (<c>registered MS</c>, <c>lost MS</c>). The line <c>stop</c> on its input ends
/// it in order (<c>stopped MS</c>), the end of the input at once.
/// </summary>
internal static class RegistryNode
{
    public static async Task<int> RunAsync(SoakArguments arguments)
    {
        await using var services = Services(
            arguments.Text("home", ""), arguments.Number("heartbeat", 2000), arguments.Number("ttl", 6000));
        var instance = new ServiceInstance(
            arguments.Text("service", "soak"),
            arguments.Text("id", "n"),
            [new Uri($"grpc+insecure://127.0.0.1:{arguments.Number("port", 1)}")]);
        var registration = await services.GetRequiredService<IServiceRegistry>().RegisterAsync(instance, CancellationToken.None);
        Say("registered");
        using var lost = registration.Lost.Register(static () => Say("lost"));
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (line == "stop")
            {
                await registration.DisposeAsync();
                Say("stopped");
                return 0;
            }
        }

        Environment.Exit(3); // the parent is gone
        return 3;
    }

    /// <summary>Discovery on SQLite as a host would have it.</summary>
    public static ServiceProvider Services(string home, int heartbeat, int ttl)
    {
        var builder = new Builder("soak", new ServiceCollection(), new ConfigurationManager());
        builder.AddSqliteDiscovery(options =>
        {
            options.Home = home;
            options.HeartbeatInterval = TimeSpan.FromMilliseconds(heartbeat);
            options.Ttl = TimeSpan.FromMilliseconds(ttl);
        });
        return builder.Services.BuildServiceProvider();
    }

    private static void Say(string what)
    {
        Console.WriteLine($"{what} {SoakHistory.Now}");
        Console.Out.Flush();
    }

    private sealed record Builder(string Name, IServiceCollection Services, IConfiguration Configuration) : IMicroBuilder;
}
