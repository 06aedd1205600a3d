using System.Diagnostics;

namespace Micro.Soak.Balancing;

/// <summary>A network namespace with one cable to this one, which can be pulled: neither side is told. Needs root. Disposing removes it.</summary>
internal sealed class SoakNetwork : IDisposable
{
    private readonly string _name = $"micro-soak-{Environment.ProcessId}";
    private readonly string _here = $"ms{Environment.ProcessId}";
    private readonly int _net = Environment.ProcessId % 250;

    private SoakNetwork()
    {
    }

    public string Host => $"10.231.{_net}.2";

    /// <summary>What starts a program inside.</summary>
    public IReadOnlyList<string> Prefix => ["ip", "netns", "exec", _name];

    /// <summary>Null, and why, when this cannot be done here.</summary>
    public static SoakNetwork? TryCreate(out string outcome)
    {
        var network = new SoakNetwork();
        try
        {
            network.Open();
            outcome = "a network namespace";
            return network;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            network.Dispose();
            outcome = $"skipped: {e.Message}";
            return null;
        }
    }

    public void Pull() => Ip($"netns exec {_name} ip link set vn down");

    public void Plug() => Ip($"netns exec {_name} ip link set vn up");

    public void Dispose()
    {
        try
        {
            Ip($"netns delete {_name}"); // and the cable with it
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It was never made.
        }
    }

    private void Open()
    {
        Ip($"netns add {_name}");
        Ip($"link add {_here} type veth peer name vn netns {_name}");
        Ip($"addr add 10.231.{_net}.1/30 dev {_here}");
        Ip($"link set {_here} up");
        Ip($"netns exec {_name} ip link set lo up");
        Ip($"netns exec {_name} ip addr add {Host}/30 dev vn");
        Plug();
    }

    private static void Ip(string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments.Split(' ')) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"ip {arguments}: {error.Trim()}");
        }
    }
}
