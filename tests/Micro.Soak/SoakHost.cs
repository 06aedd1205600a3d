using Micro.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Micro.Soak;

/// <summary>What the hosts of all soaks have in common.</summary>
internal static class SoakHost
{
    /// <param name="builder">The host's.</param>
    /// <param name="name">Of the service it is.</param>
    /// <param name="home">Its home directory.</param>
    /// <param name="insecure">False: calls go over TLS with a certificate on both sides.</param>
    public static IMicroBuilder AddSoak(this IHostApplicationBuilder builder, string name, string home, bool insecure = true)
    {
        builder.Logging.ClearProviders();
        builder.Configuration["Micro:Home"] = home;
        builder.Configuration["Micro:Security:Insecure"] = insecure ? "true" : "false";
        return builder.AddMicro(name);
    }

    public static void Say(string line)
    {
        Console.WriteLine(line);
        Console.Out.Flush();
    }

    /// <summary>Answers the parent's commands; where the parent is gone, so is this process.</summary>
    public static async Task ObeyAsync(Func<string, string> answer)
    {
        while (await Console.In.ReadLineAsync() is { } command)
        {
            Say(answer(command));
        }

        Environment.Exit(3);
    }
}
