using Micro.Soak;
using Micro.Soak.Authority;
using Micro.Soak.Balancing;
using Micro.Soak.Registry;
using Micro.Soak.Rotation;
using Micro.Soak.Rules;
using Micro.Soak.Transport;

// Long runs against real processes. Each command runs for --seconds with --seed, writes a history as JSON lines, prints one JSON line
// at the end and exits with 0 only if nothing it checks was violated.
Dictionary<string, Func<SoakArguments, Task<int>>> commands = new()
{
    ["registry"] = RegistrySoak.RunAsync,
    ["rules"] = RuleSoak.RunAsync,
    ["registry-node"] = RegistryNode.RunAsync, // what the command above starts
    ["authority-node"] = AuthorityNode.RunAsync, // started by tests
    ["transport"] = TransportSoak.RunAsync,
    ["transport-server"] = TransportServer.RunAsync,
    ["balancing"] = BalancingSoak.RunAsync,
    ["balancing-node"] = BalancingNode.RunAsync,
    ["rotation"] = RotationSoak.RunAsync,
    ["rotation-node"] = RotationNode.RunAsync,
};

if (args is [var name, .. var rest] && commands.TryGetValue(name, out var run))
{
    return await run(new SoakArguments(rest));
}

Console.Error.WriteLine($"usage: soak COMMAND [--seconds N] [--seed S] ...   commands: {string.Join(", ", commands.Keys)}");
return 2;
