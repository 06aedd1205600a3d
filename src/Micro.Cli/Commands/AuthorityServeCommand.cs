using System.CommandLine;
using Micro.AspNetCore.Authority;
using Micro.Cli.Terminal;
using Micro.Internal;
using Micro.Security;
using Micro.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.Cli.Commands;

/// <summary><c>micro authority serve</c>: lets other machines join, renew and follow the trust bundle.</summary>
internal static class AuthorityServeCommand
{
    public static Command Create(GlobalOptions global, ToolConsole console)
    {
        var listen = new Option<string?>("--listen") { Description = $"Where services that joined reach the authority (Micro:Listen). Default: {AuthorityHost.Listen}.", HelpName = "ADDR" };
        var join = new Option<string?>("--join-listen")
        {
            Description = $"Where others join (Micro:Authority:JoinListen). Default: {AuthorityHost.JoinListen}.",
            HelpName = "ADDR",
        };
        var advertise = new Option<string?>("--advertise") { Description = "Name or address other machines reach this one by (Micro:Advertise); needed for a wildcard.", HelpName = "HOST" };
        var command = new Command("serve", "Serves the authority of this home to other machines, until Ctrl-C.") { listen, join, advertise };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            global.Read(parsed),
            new Given(parsed.GetValue(listen), parsed.GetValue(join), parsed.GetValue(advertise)),
            console,
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ToolSettings settings, Given given, ToolConsole console, CancellationToken cancellationToken)
    {
        await using var host = AuthorityHost.Build(settings, given.Configuration());
        await host.StartAsync(cancellationToken);
        Write(settings, console, host);
        await cancellationToken.WhenCancelledAsync(CancellationToken.None);
        await host.StopAsync(CancellationToken.None);
        return ExitCodes.Ok;
    }

    private static void Write(ToolSettings settings, ToolConsole console, WebApplication host)
    {
        var addresses = Addresses(host);
        AuthorityText.Write(console, settings, host.Services.GetRequiredService<LocalAuthority>(), host.Services.GetRequiredService<TimeProvider>().GetUtcNow(), addresses);
        if (settings.Json)
        {
            return;
        }

        var (mesh, join) = (AuthorityText.Bare(addresses.Mesh), addresses.Join is { } open ? AuthorityText.Bare(open) : "nowhere");
        console.Output.WriteLine($"  serves   {mesh}");
        console.Output.WriteLine($"  joins    {join}");
        console.Output.WriteLine();
        console.Output.WriteLine("For a service on another machine, make a token here:");
        console.Output.WriteLine($"  {ShellText.Join([console.CommandName, "authority", "token", "NAME", .. settings.Home is { } home ? new[] { "--home", home } : []])}");
        console.Output.WriteLine("and start it there with");
        console.Output.WriteLine("  Micro__Security__Provider=authority");
        console.Output.WriteLine($"  Micro__Security__Authority__Address={mesh}");
        console.Output.WriteLine($"  Micro__Security__Authority__JoinAddress={join}");
        console.Output.WriteLine("  Micro__Security__Authority__JoinTokenFile=FILE, or JoinToken=TOKEN; only until it has joined");
        console.Output.WriteLine();
        console.Output.WriteLine("Ctrl-C ends it.");
    }

    private static (Uri Mesh, Uri? Join) Addresses(WebApplication host)
    {
        var join = host.Services.GetRequiredService<JoinListener>().Address;
        var bound = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Select(address => new Uri(address))
            .First(address => address.Port != join?.Port);

        // Whoever reads it is elsewhere: by the name it is reached there.
        var name = host.Configuration["Micro:Advertise"] is { Length: > 0 } advertised && !advertised.Contains("://", StringComparison.Ordinal) ? advertised : null;
        return (
            MicroAddress.Tcp("grpc", name ?? bound.Host.Trim('[', ']'), bound.Port, insecure: false),
            join is null ? null : MicroAddress.Tcp("http", name ?? join.Host.Trim('[', ']'), join.Port, insecure: false));
    }

    private sealed record Given(string? Listen, string? JoinListen, string? Advertise)
    {
        public IEnumerable<KeyValuePair<string, string?>> Configuration() => new KeyValuePair<string, string?>[]
        {
            new("Micro:Listen", Listen),
            new("Micro:Authority:JoinListen", JoinListen),
            new("Micro:Advertise", Advertise),
        }.Where(one => one.Value is not null);
    }
}
