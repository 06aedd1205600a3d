using Samples.Greeting;

switch (args)
{
    case ["server", .. var rest]:
        await Server.RunAsync(rest);
        return 0;
    case ["client", var name, .. var rest]:
        return await Client.RunAsync(name, rest);
    case ["client"]:
        return await Client.RunAsync("world", []);
    default:
        Console.Error.WriteLine("usage: server | client [NAME]");
        return 2;
}
