using Samples.Chatting;

switch (args)
{
    case ["server", .. var rest]:
        await Server.RunAsync(rest);
        return 0;
    case ["join", var name]:
        return await Client.RunAsync(name, "lobby", []);
    case ["join", var name, var room, .. var rest]:
        return await Client.RunAsync(name, room, rest);
    default:
        Console.Error.WriteLine("usage: server | join NAME [ROOM]");
        return 2;
}
