using Micro.Internal;

namespace Micro.Transport.InProcess;

/// <summary>Takes calls of the same process, under a name of its own.</summary>
internal sealed class InProcessServerTransport(RandomSource random) : IServerTransport
{
    public ValueTask<IServerListener> ListenAsync(ICallAcceptor acceptor, CancellationToken cancellationToken)
    {
        string name;
        do
        {
            name = $"p{random.Next():x16}";
        }
        while (!InProcessNetwork.TryAdd(name, acceptor));

        return new(new Listener(name));
    }

    private sealed class Listener(string name) : IServerListener
    {
        public IReadOnlyList<Uri> Addresses { get; } = [new Uri($"inproc://{name}")];

        public ValueTask DisposeAsync()
        {
            InProcessNetwork.Remove(name);
            return ValueTask.CompletedTask;
        }
    }
}
