using System.CommandLine;
using Micro.Cli.Terminal;
using Micro.Tokens;

namespace Micro.Cli.Commands.Auth;

/// <summary><c>micro auth accounts</c>: the accounts of this home. A secret is shown once, on the output and nowhere else, when it is made.</summary>
internal sealed class AccountsCommand(ToolConsole console, ToolSettings settings)
{
    public static Command Create(GlobalOptions global, ToolConsole console)
    {
        var list = new Command("list", "Lists all accounts.");
        var accounts = new Command("accounts", "Keeps the accounts of this home; alone it lists them.") { list, Creation(global, console), Deletion(global, console), NewSecret(global, console) };
        foreach (var command in (Command[])[list, accounts])
        {
            command.SetAction((parsed, cancellationToken) => new AccountsCommand(console, global.Read(parsed)).ListAsync(cancellationToken));
        }

        return accounts;
    }

    private static Command Creation(GlobalOptions global, ToolConsole console)
    {
        var id = Id();
        var scope = new Option<string[]>("--scope") { Description = "What it is granted; may be given several times.", HelpName = "SCOPE" };
        var type = new Option<string>("--type") { Description = "user, service or another word.", HelpName = "TYPE", DefaultValueFactory = _ => "user" };
        var create = new Command("create", "Creates an account, and shows its secret this one time.") { id, scope, type };
        create.SetAction((parsed, cancellationToken) =>
        {
            var draft = new AccountDraft
            {
                Id = parsed.GetRequiredValue(id),
                Type = parsed.GetRequiredValue(type),
                Scopes = (parsed.GetValue(scope) ?? []).ToHashSet(StringComparer.Ordinal),
            };
            return new AccountsCommand(console, global.Read(parsed)).CreateAsync(draft, cancellationToken);
        });
        return create;
    }

    private static Command Deletion(GlobalOptions global, ToolConsole console)
    {
        var id = Id();
        var delete = new Command("delete", "Deletes an account; its tokens end with their time, 15 minutes at most unless configured otherwise.") { id };
        delete.SetAction((parsed, cancellationToken) => new AccountsCommand(console, global.Read(parsed)).DeleteAsync(parsed.GetRequiredValue(id), cancellationToken));
        return delete;
    }

    private static Command NewSecret(GlobalOptions global, ToolConsole console)
    {
        var id = Id();
        var secret = new Command("secret", "Gives an account a new secret, and shows it this one time; the old one ends.") { id };
        secret.SetAction((parsed, cancellationToken) => new AccountsCommand(console, global.Read(parsed)).ChangeSecretAsync(parsed.GetRequiredValue(id), cancellationToken));
        return secret;
    }

    private static Argument<string> Id() => new("ID") { Description = "Name of the account." };

    private async Task<int> ListAsync(CancellationToken cancellationToken)
    {
        await using var host = await StartAsync(cancellationToken);
        var accounts = await host.Get<AccountDirectory>().ListAsync(cancellationToken);
        if (settings.Json)
        {
            console.Output.WriteLine(ToolJson.Line(new AccountsJson([.. accounts.Select(account => Json(account))]), ToolJson.Readable.AccountsJson));
            return ExitCodes.Ok;
        }

        if (accounts.Count == 0)
        {
            console.Output.WriteLine("There is no account.");
            return ExitCodes.Ok;
        }

        var table = new TableText("ID", "TYPE", "SCOPES");
        foreach (var account in accounts)
        {
            table.Add(account.Id, account.Type, string.Join(' ', account.Scopes.Order(StringComparer.Ordinal)));
        }

        table.Write(console);
        return ExitCodes.Ok;
    }

    private async Task<int> CreateAsync(AccountDraft draft, CancellationToken cancellationToken)
    {
        await using var host = await StartAsync(cancellationToken);
        CreatedAccount? created;
        try
        {
            created = await host.Get<AccountDirectory>().TryCreateAsync(draft, cancellationToken);
        }
        catch (ArgumentException e)
        {
            throw ToolException.Usage(e.Message, e);
        }

        return Show(created ?? throw ToolException.NotDone($"There is an account '{draft.Id}' already."), $"Account '{draft.Id}' is created. Its secret, which is not shown again:");
    }

    private async Task<int> ChangeSecretAsync(string id, CancellationToken cancellationToken)
    {
        await using var host = await StartAsync(cancellationToken);
        var changed = await host.Get<AccountDirectory>().TryChangeSecretAsync(id, cancellationToken: cancellationToken);
        return Show(changed ?? throw Unknown(id), $"Account '{id}' has a new secret, which is not shown again:");
    }

    private async Task<int> DeleteAsync(string id, CancellationToken cancellationToken)
    {
        await using var host = await StartAsync(cancellationToken);
        if (!await host.Get<AccountDirectory>().TryDeleteAsync(id, cancellationToken))
        {
            throw Unknown(id);
        }

        console.Output.WriteLine(settings.Json
            ? ToolJson.Line(new AccountsJson.Deletion(id, true), ToolJson.Readable.AccountDeletion)
            : $"Account '{PlainText.Of(id)}' is deleted.");
        return ExitCodes.Ok;
    }

    private int Show(CreatedAccount created, string words)
    {
        if (settings.Json)
        {
            console.Output.WriteLine(ToolJson.Line(Json(created.Account, created.Secret), ToolJson.Readable.Account));
            return ExitCodes.Ok;
        }

        // The words go elsewhere, so that the secret alone can be piped to where it is kept.
        console.Error.WriteLine(PlainText.Of(words));
        console.Output.WriteLine(created.Secret);
        return ExitCodes.Ok;
    }

    private Task<ToolHost> StartAsync(CancellationToken cancellationToken) => ToolHost.StartAsync(settings, cancellationToken, micro => micro.AddTokens());

    private static ToolException Unknown(string id) => ToolException.NotDone($"There is no account '{id}'.");

    private static AccountsJson.Account Json(Account account, string? secret = null) =>
        new(account.Id, account.Type, [.. account.Scopes.Order(StringComparer.Ordinal)], secret);
}
