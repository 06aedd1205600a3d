using System.Collections.Concurrent;
using System.Diagnostics;
using Micro.Security;
using Micro.Tests.Support;

namespace Micro.Tests.Security;

/// <summary>Real processes that start together, die half way, and follow each other.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class AuthorityProcessTests : IDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "Micro.Soak.dll");

    private readonly AuthorityRig _rig = new();
    private readonly List<Node> _nodes = [];

    public void Dispose()
    {
        _nodes.ForEach(node => node.Dispose());
        _rig.Dispose();
    }

    [Fact]
    public async Task ID_11_Processes_that_start_together_some_of_which_are_killed_get_one_root_and_follow_what_another_one_changes()
    {
        for (var i = 0; i < 6; i++)
        {
            Start();
            if (i is 3 or 4 or 5)
            {
                _nodes[i - 3].Dispose(); // somewhere between its first instruction and its last
            }
        }

        Node[] alive = [.. _nodes.Skip(3)];
        await Wait.UntilAsync(() => alive.All(node => node.Said.Count > 0), "all have a credential");
        var authority = new LocalAuthority(_rig.Directory, _rig.Options, _rig.AuthorityOptions, TimeProvider.System, _rig.Telemetry, _rig.Logger<LocalAuthority>());
        var expected = $"bundle 1 {authority.State.Roots.Single().Fingerprint.ToUpperInvariant()}";
        Assert.All(alive, node => Assert.Equal(expected, node.Said.First()));
        await authority.RevokeAsync(AuthorityRig.Mailer, TestContext.Current.CancellationToken);
        await authority.RollAsync(TestContext.Current.CancellationToken);
        await Wait.UntilAsync(() => alive.All(node => node.Said.Last().StartsWith("bundle 3 ", StringComparison.Ordinal)), "all follow");
        Assert.Single(alive.Select(node => node.Said.Last()).Distinct());
    }

    private void Start()
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [Program, "authority-node", "--home", _rig.Root])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var node = new Node(process);
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is not null)
            {
                node.Said.Enqueue(line.Data);
            }
        };
        process.BeginOutputReadLine();
        _nodes.Add(node);
    }

    private sealed class Node(Process process) : IDisposable
    {
        private bool _isOver;

        public ConcurrentQueue<string> Said { get; } = new();

        public void Dispose()
        {
            if (!_isOver)
            {
                _isOver = true;
                process.Kill();
                process.WaitForExit();
                process.Dispose();
            }
        }
    }
}
