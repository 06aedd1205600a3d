using System.CommandLine;
using Micro.Cli.Requests;
using Micro.Cli.Terminal;
using Micro.Codecs;
using Micro.Rpc;

namespace Micro.Cli.Commands;

/// <summary><c>micro call NAME METHOD JSON</c>: one call, of whatever kind the method is.</summary>
internal sealed class CallCommand(ToolConsole console, ToolSettings settings, CallArguments arguments)
{
    public static Command Create(GlobalOptions global, ToolConsole console)
    {
        var service = ServiceArguments.Service();
        var method = new Argument<string>("METHOD") { Description = "Hello, Greeter.Hello or greeter.Greeter/Hello, as long as only one can be meant." };
        var json = new Argument<string?>("JSON")
        {
            Description = "The request: JSON, @FILE, or - for the standard input. Methods that take a stream take several documents, from the input one a line. Default: {} for one request, - for a stream.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var address = ServiceArguments.Address();
        var timeout = ServiceArguments.Time();
        var header = new Option<string[]>("--header") { Description = "A header to send; may be given several times.", HelpName = "NAME=VALUE" };
        var token = new Option<string?>("--token")
        {
            Description = "A token to send as 'authorization: Bearer'; with @FILE nobody who lists processes sees it.",
            HelpName = "TOKEN|@FILE",
        };
        var command = new Command("call", "Calls a method with JSON and writes what it answers.") { service, method, json, address, timeout, header, token };
        command.SetAction((parsed, cancellationToken) =>
        {
            var arguments = new CallArguments(
                parsed.GetRequiredValue(service),
                parsed.GetRequiredValue(method),
                parsed.GetValue(json),
                HeaderText.Parse(parsed.GetValue(header) ?? []),
                parsed.GetValue(token),
                new CallOptions { Address = parsed.GetValue(address), Timeout = parsed.GetValue(timeout) });
            return new CallCommand(console, global.Read(parsed), arguments).RunAsync(cancellationToken);
        });
        return command;
    }

    private async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var given = arguments.Json is { } json ? await RequestSource.OpenAsync(json, console.Input, cancellationToken) : null;
        var token = arguments.Token is { } typed ? await TokenText.ReadAsync(typed, cancellationToken) : null;
        await using var host = await ToolHost.StartAsync(settings, cancellationToken);
        if (token is not null)
        {
            if (host.IsInsecure)
            {
                throw ToolException.Usage("A token is not sent in plaintext, where anybody could take it: leave --insecure (Micro:Security:Insecure) out.");
            }

            arguments.Headers.Add("authorization", $"Bearer {token}");
        }

        var finder = await new ServiceInquiry(host, console, settings).DescribeAsync(arguments.Service, arguments.Options.Address, cancellationToken);
        var (contract, method) = finder.Find(arguments.Method);
        var spec = new CallSpec(arguments.Service, contract.Name, method.Name, method.Kind, method.Idempotent);
        var requests = given ?? await RequestSource.OpenAsync(TakesStream(method.Kind) ? "-" : "{}", console.Input, cancellationToken);
        return await new RefusalAdvice(console.CommandName, settings, arguments.Service, arguments.Options.Address).AdviseAsync(
            $"{contract.Name}/{method.Name}", token is not null, () => CallAsync(host.Client, spec, requests, cancellationToken));
    }

    private async Task<int> CallAsync(UntypedClient client, CallSpec spec, RequestSource requests, CancellationToken cancellationToken)
    {
        var context = new CallContext(arguments.Options with { Headers = arguments.Headers, ContentType = ContentTypes.Json });
        var output = new MessageWriter(console, settings.Json);
        switch (spec.Kind)
        {
            case CallKind.Unary:
                output.Write(await client.UnaryAsync(spec, await requests.SingleAsync(cancellationToken), context, cancellationToken));
                break;
            case CallKind.ClientStream:
                output.Write(await client.ClientStreamAsync(spec, requests.AllAsync(cancellationToken), context, cancellationToken));
                break;
            case CallKind.ServerStream:
                await output.WriteAllAsync(client.ServerStreamAsync(spec, await requests.SingleAsync(cancellationToken), context, cancellationToken));
                break;
            default:
                await output.WriteAllAsync(client.DuplexAsync(spec, requests.AllAsync(cancellationToken), context, cancellationToken));
                break;
        }

        return ExitCodes.Ok;
    }

    private static bool TakesStream(CallKind kind) => kind is CallKind.ClientStream or CallKind.Duplex;
}
