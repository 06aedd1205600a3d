using System.CommandLine;
using Micro.Cli.Terminal;
using Micro.Discovery;
using Spectre.Console;

namespace Micro.Cli.Commands;

/// <summary><c>micro services</c>: what is registered.</summary>
internal static class ServicesCommand
{
    public static Command Create(GlobalOptions global, ToolConsole console)
    {
        var command = new Command("services", "Lists all services with their instances, versions and addresses.");
        command.SetAction((parsed, cancellationToken) => RunAsync(global.Read(parsed), console, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ToolSettings settings, ToolConsole console, CancellationToken cancellationToken)
    {
        await using var host = await ToolHost.StartAsync(settings, cancellationToken);
        var lookup = host.Lookup;
        var services = await lookup.ListAsync(cancellationToken);
        if (settings.Json)
        {
            console.Output.WriteLine(ToolJson.Line(Json(lookup.Source, services), ToolJson.Readable.ServiceListJson));
        }
        else
        {
            Show(console, lookup.Source, services);
        }

        return ExitCodes.Ok;
    }

    private static ServiceListJson Json(string source, IEnumerable<ServiceSnapshot> services) => new(
        source,
        [
            .. services.Select(service => new ServiceListJson.Service(
                service.Service,
                [
                    .. service.Instances.Select(instance => new ServiceListJson.Instance(
                        instance.Id, instance.Version, [.. instance.Addresses.Select(address => address.ToString())], instance.Metadata)),
                ])),
        ]);

    private static void Show(ToolConsole console, string source, IReadOnlyList<ServiceSnapshot> services)
    {
        if (services.Count == 0)
        {
            console.Output.WriteLine($"No service is registered in {PlainText.Of(source)}.");
            return;
        }

        var table = new Table { Border = TableBorder.None };
        foreach (var title in (string[])["SERVICE", "INSTANCES", "INSTANCE", "VERSION", "ADDRESSES"])
        {
            table.AddColumn(new TableColumn(new Text(title, new Style(decoration: Decoration.Bold))) { NoWrap = title != "ADDRESSES" });
        }

        foreach (var service in services)
        {
            AddRows(table, service);
        }

        console.Styled.Write(table);
        var instances = services.Sum(service => service.Instances.Length);
        console.Output.WriteLine();
        console.Output.WriteLine($"{Count(services.Count, "service")}, {Count(instances, "instance")} in {PlainText.Of(source)}");
    }

    private static void AddRows(Table table, ServiceSnapshot service)
    {
        for (var i = 0; i < service.Instances.Length; i++)
        {
            var instance = service.Instances[i];
            table.AddRow(
                new Text(service.Service, new Style(foreground: Color.Green)),
                new Text(i == 0 ? service.Instances.Length.ToString() : ""),
                new Text(PlainText.Of(instance.Id)),
                new Text(PlainText.Of(instance.Version)),
                new Text(PlainText.Of(string.Join("  ", instance.Addresses))));
        }
    }

    private static string Count(int number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";
}
