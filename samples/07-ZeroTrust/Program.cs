using Samples.ZeroTrust;

switch (args)
{
    case ["server", .. var rest]:
        await Server.RunAsync(rest);
        return 0;
    case ["try"]:
        return await Attempts.RunAsync() ? 0 : 1;
    default:
        Console.Error.WriteLine("usage: server | try");
        return 2;
}
