using Micro.Codecs;
using Micro.Discovery;
using Micro.Internal;
using Micro.LoadBalancing;
using Micro.Transport;
using Microsoft.Extensions.Logging;

namespace Micro.Rpc;

/// <summary>What the channels of all services share, as dependency injection gives it.</summary>
internal sealed class ClientServices(
    IServiceProvider provider,
    IServiceResolver resolver,
    CodecSet codecs,
    IEnumerable<IClientTransport> transports,
    ClientInterceptors interceptors,
    ClientRuntime runtime)
{
    private readonly Dictionary<string, IClientTransport> _transports = ByScheme(transports);

    public IServiceProvider Provider { get; } = provider;

    public IServiceResolver Resolver { get; } = resolver;

    public CodecSet Codecs { get; } = codecs;

    public IReadOnlyList<ICallInterceptor> Interceptors { get; } = interceptors.All;

    public TimeProvider Clock => runtime.Clock;

    public RandomSource Random => runtime.Random;

    public CallTelemetry Telemetry => runtime.Telemetry;

    public LoadBalancerTable Balancers => runtime.Balancers;

    public OutlierEjectionOptions Ejection => runtime.Ejection;

    public ILoggerFactory Loggers => runtime.Loggers;

    /// <summary>The first of an instance's addresses that this process has a transport for.</summary>
    /// <exception cref="CallException">There is none; the error says which transports would be needed and which are there.</exception>
    public (IClientTransport Transport, Uri Address) TransportFor(ServiceInstance instance)
    {
        foreach (var address in instance.Addresses)
        {
            if (_transports.TryGetValue(MicroAddress.Transport(address), out var transport))
            {
                return (transport, address);
            }
        }

        throw new CallException(new CallStatus(
            CallStatusCode.Unavailable,
            $"Instance '{instance.Id}' of service '{instance.Service}' can be reached at {string.Join(", ", instance.Addresses)}, but this process has only the transports {string.Join(", ", _transports.Keys.Order())}. Add the missing one, e.g. AddGrpc().",
            notProcessed: true));
    }

    private static Dictionary<string, IClientTransport> ByScheme(IEnumerable<IClientTransport> transports)
    {
        var byScheme = new Dictionary<string, IClientTransport>();
        foreach (var transport in transports)
        {
            // The one registered last counts, as everywhere in dependency injection.
            byScheme[transport.Scheme] = transport;
        }

        return byScheme;
    }
}

/// <summary>Clock, randomness and the other leaves, kept together so that constructors stay readable.</summary>
internal sealed record ClientRuntime(
    TimeProvider Clock, RandomSource Random, CallTelemetry Telemetry, LoadBalancerTable Balancers, OutlierEjectionOptions Ejection, ILoggerFactory Loggers);

/// <summary>Interceptors of outgoing calls in their order, the outermost first.</summary>
internal sealed record ClientInterceptors(IReadOnlyList<ICallInterceptor> All);

/// <summary>Interceptors of incoming calls in their order, the outermost first.</summary>
internal sealed record ServerInterceptors(IReadOnlyList<ICallInterceptor> All);
