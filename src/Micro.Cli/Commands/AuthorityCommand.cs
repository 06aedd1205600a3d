using System.CommandLine;
using Micro.Cli.Requests;
using Micro.Cli.Terminal;
using Micro.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Micro.Cli.Commands;

/// <summary><c>micro authority …</c>: the local authority, and what others may get from it.</summary>
internal static class AuthorityCommand
{
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromMinutes(10);

    public static Command Create(GlobalOptions global, ToolConsole console) => new("authority", "Signs for the services of this trust domain, on this machine and on others.")
    {
        Plain("init", "Makes the authority of this home, or opens the one there is, and says what it is.", global, console, static (_, _) => Task.CompletedTask),
        AuthorityServeCommand.Create(global, console),
        Token(global, console),
        Plain("roll", "Prepares a new root, which is trusted at once and signs when everybody knows it.", global, console, static (authority, token) => authority.RollAsync(token)),
        OfIdentity("revoke", "Withdraws an identity: within a second nobody who follows the authority trusts it any more.", global, console, static (authority, identity, token) => authority.RevokeAsync(identity, token)),
        OfIdentity("restore", "Takes the withdrawal of an identity back.", global, console, static (authority, identity, token) => authority.RestoreAsync(identity, token)),
    };

    private static Command Plain(string name, string description, GlobalOptions global, ToolConsole console, Func<LocalAuthority, CancellationToken, Task> act)
    {
        var command = new Command(name, description);
        command.SetAction((parsed, cancellationToken) => RunAsync(global.Read(parsed), console, (_, authority) => act(authority, cancellationToken)));
        return command;
    }

    private static Command OfIdentity(
        string name, string description, GlobalOptions global, ToolConsole console, Func<LocalAuthority, ServiceIdentity, CancellationToken, Task> act)
    {
        var identity = new Argument<string>("IDENTITY") { Description = "A service's name, NAMESPACE/NAME, or a whole SPIFFE id." };
        var command = new Command(name, description) { identity };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            global.Read(parsed),
            console,
            (host, authority) => act(authority, Identity(host, parsed.GetRequiredValue(identity), null), cancellationToken)));
        return command;
    }

    private static Command Token(GlobalOptions global, ToolConsole console)
    {
        var service = new Argument<string>("SERVICE") { Description = "Name of the service that joins." };
        var space = new Option<string?>("--namespace") { Description = "Its namespace (Micro:Security:Namespace). Default: default.", HelpName = "NS" };
        var lifetime = new Option<TimeSpan>("--lifetime")
        {
            Description = "How long the token is good, once: 30s, 10m, 2h; at most a day. Default: 10m.",
            HelpName = "TIME",
            DefaultValueFactory = _ => TokenLifetime,
            CustomParser = result =>
            {
                if (DurationText.TryParse(result.Tokens[0].Value, out var time) && time >= TimeSpan.FromSeconds(1))
                {
                    return time;
                }

                result.AddError($"'{result.Tokens[0].Value}' is not a time a token can be good for. Write 30s, 10m or 2h; at most a day.");
                return default;
            },
        };
        var command = new Command("token", "Makes a token with which one service of another machine joins, once, and writes it; it cannot be had again.") { service, space, lifetime };
        command.SetAction((parsed, _) => OpenAsync(global.Read(parsed), (host, authority) =>
        {
            var identity = Identity(host, parsed.GetRequiredValue(service), parsed.GetValue(space));
            WriteToken(global.Read(parsed), console, host, authority, (identity, parsed.GetValue(lifetime)));
            return Task.CompletedTask;
        }));
        return command;
    }

    private static void WriteToken(ToolSettings settings, ToolConsole console, WebApplication host, LocalAuthority authority, (ServiceIdentity Identity, TimeSpan Lifetime) wanted)
    {
        var time = host.Services.GetRequiredService<TimeProvider>();
        if (wanted.Identity.Service == AuthorityRequests.Service)
        {
            throw ToolException.Usage($"Nobody joins as '{wanted.Identity}': that is the authority itself.");
        }

        var now = time.GetUtcNow();
        var token = PinnedJoinToken.Write(new JoinTokens(authority.Directory, time).Create(wanted.Identity, wanted.Lifetime), authority.State, now);
        if (settings.Json)
        {
            console.Output.WriteLine(ToolJson.Line(new Terminal.JoinTokenJson(token, wanted.Identity.ToString(), now + wanted.Lifetime), ToolJson.Readable.JoinTokenJson));
            return;
        }

        // The token alone, so that it can be put into a file; what to do with it is not part of it.
        console.Output.WriteLine(token);
        console.Error.WriteLine($"For {wanted.Identity}, once, until {now + wanted.Lifetime:u}. It holds the fingerprint of the root; set it there as Micro:Security:Authority:JoinToken, or in a file closed to others as JoinTokenFile.");
    }

    /// <summary>Does something with the authority and writes what it is then.</summary>
    private static Task<int> RunAsync(ToolSettings settings, ToolConsole console, Func<WebApplication, LocalAuthority, Task> act) => OpenAsync(settings, async (host, authority) =>
    {
        await act(host, authority);
        AuthorityText.Write(console, settings, authority, host.Services.GetRequiredService<TimeProvider>().GetUtcNow());
    });

    private static async Task<int> OpenAsync(ToolSettings settings, Func<WebApplication, LocalAuthority, Task> act)
    {
        await using var host = AuthorityHost.Build(settings);
        await act(host, host.Services.GetRequiredService<LocalAuthority>());
        return ExitCodes.Ok;
    }

    private static ServiceIdentity Identity(WebApplication host, string text, string? space)
    {
        var options = host.Services.GetRequiredService<IOptions<MicroSecurityOptions>>().Value;
        try
        {
            return text.StartsWith("spiffe://", StringComparison.OrdinalIgnoreCase) ? ServiceIdentity.Parse(text)
                : text.Split('/') is [var given, var name] && space is null ? ServiceIdentity.Create(options.TrustDomain, given, name)
                : ServiceIdentity.Create(options.TrustDomain, space ?? options.Namespace, text);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw ToolException.Usage($"'{text}' is not the name of a service: {e.Message}", e);
        }
    }
}
