using Micro.Codecs;

namespace Micro.Rpc;

/// <summary>Asks a running service what it can do. Thread-safe; from dependency injection.</summary>
public sealed class ReflectionClient
{
    private readonly UntypedClient _client;

    internal ReflectionClient(UntypedClient client) => _client = client;

    /// <summary>Describes a service by asking one of its instances.</summary>
    /// <param name="service">Name of the service.</param>
    /// <param name="options">Options of the call; an address to ask one certain instance.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CallException">There is no instance, or it did not answer.</exception>
    public async Task<ServiceDescription> DescribeAsync(string service, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        var context = new CallContext((options ?? new CallOptions()) with { ContentType = ContentTypes.Json }, cancellationToken);
        var reply = await _client.UnaryAsync(ReflectionContract.Spec(service), new RawMessage("{}"u8.ToArray()), context, cancellationToken);
        return ReflectionContract.Read(reply.Bytes);
    }
}
