using Micro.Internal;
using Microsoft.Extensions.Logging;

namespace Micro.Transport.InProcess;

/// <summary>Takes calls of the same process, under a name of its own.</summary>
internal sealed class InProcessServerTransport(RandomSource random, ILoggerFactory loggers) : IServerTransport
{
    public ValueTask<IServerListener> ListenAsync(ICallAcceptor acceptor, CancellationToken cancellationToken)
    {
        var endpoint = new InProcessEndpoint(acceptor, loggers.CreateLogger("Micro.Transport.InProcess"));
        string name;
        do
        {
            name = $"p{random.Next():x16}";
        }
        while (!InProcessNetwork.TryAdd(name, endpoint));

        return new(new Listener(name, endpoint));
    }

    private sealed class Listener(string name, InProcessEndpoint endpoint) : IServerListener
    {
        public IReadOnlyList<Uri> Addresses { get; } = [new Uri($"inproc://{name}")];

        public async ValueTask DisposeAsync()
        {
            InProcessNetwork.Remove(name);
            await endpoint.CloseAsync();
        }
    }
}
