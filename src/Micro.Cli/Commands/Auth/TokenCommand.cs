using System.CommandLine;
using Micro.Cli.Requests;
using Micro.Cli.Terminal;
using Micro.Security;
using Micro.Tokens;
using Microsoft.Extensions.Options;

namespace Micro.Cli.Commands.Auth;

/// <summary><c>micro auth token ID</c>: a token of an account, on the output and nowhere else.</summary>
internal static class TokenCommand
{
    public static Command Create(GlobalOptions global, ToolConsole console)
    {
        var id = new Argument<string>("ID") { Description = "Name of the account." };
        var audience = new Option<string>("--audience") { Description = "The one service that accepts it: its name, or what it is to read in 'aud'.", HelpName = "SERVICE", Required = true };
        var lifetime = ServiceArguments.Time("--lifetime", $"How long it is valid: {DurationText.Forms.Replace(" or none", "", StringComparison.Ordinal)}. Default and most: Micro:Tokens:Lifetime, 15m.");
        var boundTo = new Option<string?>("--bound-to") { Description = "The one service that may use it; a thief cannot.", HelpName = "IDENTITY" };
        var command = new Command("token", "Issues a token of an account, without asking for its secret: for whoever may read this home.") { id, audience, lifetime, boundTo };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            global.Read(parsed),
            parsed.GetRequiredValue(id),
            (parsed.GetRequiredValue(audience), parsed.GetValue(lifetime), parsed.GetValue(boundTo)),
            console,
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        ToolSettings settings, string id, (string Audience, TimeSpan? Lifetime, string? BoundTo) wanted, ToolConsole console, CancellationToken cancellationToken)
    {
        await using var host = await ToolHost.StartAsync(settings, cancellationToken, micro => micro.AddTokens());
        var options = host.Get<IOptions<MicroSecurityOptions>>().Value;
        var request = new TokenRequest
        {
            Audience = wanted.Audience.Contains("://", StringComparison.Ordinal) ? wanted.Audience : Names.IdentityOf(wanted.Audience, options).ToString(),
            Lifetime = wanted.Lifetime,
            BoundTo = wanted.BoundTo is { } bearer ? Names.IdentityOf(bearer, options) : null,
        };
        var issued = await IssueAsync(host.Get<TokenIssuer>(), id, request, cancellationToken) ?? throw ToolException.NotDone($"There is no account '{id}'.");
        if (settings.Json)
        {
            var json = new TokenJson(
                issued.AccessToken, issued.ExpiresAt, issued.Account.Id, [.. issued.Account.Scopes.Order(StringComparer.Ordinal)], request.Audience, request.BoundTo?.ToString());
            console.Output.WriteLine(ToolJson.Line(json, ToolJson.Readable.TokenJson));
            return ExitCodes.Ok;
        }

        // The words go elsewhere, so that the token alone can be piped into a file.
        var bound = request.BoundTo is { } only ? $", good in the hands of {only} alone" : "";
        console.Error.WriteLine(PlainText.Of($"Token of account '{id}' for {request.Audience} until {issued.ExpiresAt:u}{bound}:"));
        console.Output.WriteLine(issued.AccessToken);
        return ExitCodes.Ok;
    }

    private static async Task<IssuedToken?> IssueAsync(TokenIssuer issuer, string id, TokenRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await issuer.TryIssueWithoutSecretAsync(id, request, cancellationToken);
        }
        catch (ArgumentException e)
        {
            throw ToolException.Usage(e.Message.Split(" (Parameter", 2)[0], e);
        }
    }
}
