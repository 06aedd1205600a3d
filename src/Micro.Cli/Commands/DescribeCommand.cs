using System.CommandLine;
using System.Text.Json;
using Micro.Cli.Requests;
using Micro.Cli.Schemas;
using Micro.Cli.Terminal;
using Micro.Rpc;

namespace Micro.Cli.Commands;

/// <summary><c>micro describe NAME</c>: what a service can do and how to call it.</summary>
internal static class DescribeCommand
{
    public static Command Create(GlobalOptions global, ToolConsole console)
    {
        var service = ServiceArguments.Service();
        var address = ServiceArguments.Address();
        var command = new Command("describe", "Shows the contracts and methods of a service, and how to call them.") { service, address };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            global.Read(parsed), parsed.GetRequiredValue(service), parsed.GetValue(address), console, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        ToolSettings settings, string service, Uri? address, ToolConsole console, CancellationToken cancellationToken)
    {
        await using var host = await ToolHost.StartAsync(settings, cancellationToken);
        var finder = await new ServiceInquiry(host, console, settings).DescribeAsync(service, address, cancellationToken);
        var commands = new CallText(console.CommandName, service, settings, address);
        if (settings.Json)
        {
            console.Output.WriteLine(ToolJson.Line(Json(service, finder, commands), ToolJson.Readable.DescriptionJson));
        }
        else
        {
            new DescriptionText(console, finder, commands).Write();
        }

        return ExitCodes.Ok;
    }

    private static DescriptionJson Json(string service, MethodFinder finder, CallText commands) => new(
        service,
        [
            .. finder.Contracts.Select(contract => new DescriptionJson.Contract(
                contract.Name, contract.Service, [.. contract.Methods.Select(method => Json(contract, method, finder, commands))])),
        ]);

    private static DescriptionJson.Method Json(ContractDescription contract, DescribedMethod method, MethodFinder finder, CallText commands)
    {
        var example = SchemaExample.Write(method.Request);
        return new DescriptionJson.Method(
            method.Name,
            $"/{contract.Name}/{method.Name}",
            JsonNamingPolicy.CamelCase.ConvertName(method.Kind.ToString()),
            method.Idempotent,
            method.Summary,
            method.Request,
            method.Response,
            method.ContentTypes,
            JsonElement.Parse(example),
            commands.Command(finder.Shortest(contract, method), example));
    }
}
