using System.Collections.Concurrent;
using Micro.Codecs;

namespace Micro.Rpc;

/// <summary>
/// Calls methods by name with messages that are already encoded (JSON unless the options say otherwise): for tools and gateways. The calls take the same way as
/// typed ones: resolved, balanced, retried. Thread-safe; from dependency injection.
/// </summary>
public sealed class UntypedClient
{
    /// <summary>Methods that are kept bound; beyond it all are bound anew.</summary>
    private const int MaxBound = 1024;

    private readonly ClientChannels _channels;
    private readonly ConcurrentDictionary<(string Service, string Path, CallKind Kind, bool Idempotent), ClientMethod<RawMessage, RawMessage>> _methods = new();

    internal UntypedClient(ClientChannels channels) => _channels = channels;

    /// <summary>Calls a unary method.</summary>
    /// <exception cref="CallException">The call failed.</exception>
    public Task<RawMessage> UnaryAsync(CallSpec spec, RawMessage request, CallContext? context = null, CancellationToken cancellationToken = default) =>
        Bind(spec, CallKind.Unary).UnaryAsync(request, context, cancellationToken);

    /// <summary>Calls a server-stream method.</summary>
    /// <exception cref="CallException">The call failed.</exception>
    public IAsyncEnumerable<RawMessage> ServerStreamAsync(
        CallSpec spec, RawMessage request, CallContext? context = null, CancellationToken cancellationToken = default) =>
        Bind(spec, CallKind.ServerStream).ServerStreamAsync(request, context, cancellationToken);

    /// <summary>Calls a client-stream method.</summary>
    /// <exception cref="CallException">The call failed.</exception>
    public Task<RawMessage> ClientStreamAsync(
        CallSpec spec, IAsyncEnumerable<RawMessage> requests, CallContext? context = null, CancellationToken cancellationToken = default) =>
        Bind(spec, CallKind.ClientStream).ClientStreamAsync(requests, context, cancellationToken);

    /// <summary>Calls a duplex method.</summary>
    /// <exception cref="CallException">The call failed.</exception>
    public IAsyncEnumerable<RawMessage> DuplexAsync(
        CallSpec spec, IAsyncEnumerable<RawMessage> requests, CallContext? context = null, CancellationToken cancellationToken = default) =>
        Bind(spec, CallKind.Duplex).DuplexAsync(requests, context, cancellationToken);

    private ClientMethod<RawMessage, RawMessage> Bind(CallSpec spec, CallKind kind)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (spec.Kind != kind)
        {
            throw new ArgumentException($"{spec} is a {spec.Kind} method, not {kind}.", nameof(spec));
        }

        if (_methods.Count >= MaxBound)
        {
            _methods.Clear();
        }

        return _methods.GetOrAdd(
            (spec.Service, spec.Path, kind, spec.Idempotent),
            static (_, arguments) => new ClientMethod<RawMessage, RawMessage>(
                arguments.Channel, new CallMethod<RawMessage, RawMessage>(new MethodDescription(arguments.Spec, []))),
            (Channel: _channels.For(spec.Service), Spec: spec));
    }
}
