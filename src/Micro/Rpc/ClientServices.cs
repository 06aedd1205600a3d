using Micro.Codecs;
using Micro.Discovery;
using Micro.Internal;
using Micro.LoadBalancing;
using Micro.Security;
using Micro.Transport;
using Microsoft.Extensions.Logging;

namespace Micro.Rpc;

/// <summary>What the channels of all services share, as dependency injection gives it.</summary>
internal sealed partial class ClientServices(
    IServiceProvider provider,
    IServiceResolver resolver,
    CodecSet codecs,
    IEnumerable<IClientTransport> transports,
    ClientInterceptors interceptors,
    ClientRuntime runtime)
{
    private static readonly Uri NoAddress = new("none:none");

    private readonly ILogger _logger = runtime.Loggers.CreateLogger("Micro.Rpc");
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

    /// <summary>Told what callbacks of the token of a call throw.</summary>
    public Action<Exception> CallbackFailed => field ??= ReportCallback;

    /// <summary>
    /// Connects to the first of an instance's addresses that this process can use. Where there is none, calls fail as not processed, and the error says what would
    /// be needed. Does not throw.
    /// </summary>
    /// <param name="instance">Where to.</param>
    /// <param name="caller">The service of this process whose call it is.</param>
    /// <param name="identity">Who has to be there; null: the service of that name in this process's own trust domain and namespace.</param>
    public (Uri Address, IClientConnection Connection) Connect(ServiceInstance instance, string caller, string? identity)
    {
        string? refused = null;
        foreach (var address in instance.Addresses)
        {
            if (!_transports.TryGetValue(MicroAddress.Transport(address), out var transport))
            {
                continue;
            }

            try
            {
                var connection = transport.Connect(address, TargetOf(address, instance.Service, caller, identity));
                return (address, MicroAddress.IsInsecure(address) ? new PlaintextConnection(connection) : connection);
            }
            catch (Exception e)
            {
                refused ??= e.Message;
            }
        }

        var reason = refused
            ?? $"It can be reached at {string.Join(", ", instance.Addresses)}, but this process has only the transports {string.Join(", ", _transports.Keys.Order())}. Add the missing one, e.g. AddGrpc().";
        return (
            instance.Addresses.FirstOrDefault(NoAddress),
            new UnreachableConnection(new CallStatus(
                CallStatusCode.Unavailable, $"Instance '{instance.Id}' of service '{instance.Service}' cannot be called. {reason}", notProcessed: true)));
    }

    /// <summary>An identity proved to and by the peer; without, plaintext, where that is allowed.</summary>
    private ConnectionTarget TargetOf(Uri address, string service, string caller, string? identity)
    {
        if (runtime.Security is { } security)
        {
            return MicroAddress.IsInsecure(address)
                ? throw new MicroAddressException(address, "is plaintext, which is off (Micro:Security:Insecure)")
                : new ConnectionTarget(service, security.Between(
                    security.IdentityOf(caller), identity is null ? security.IdentityOf(service) : ServiceIdentity.Parse(identity)));
        }

        return new ConnectionTarget(service);
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

    [LoggerMessage(1201, LogLevel.Error, "A callback that was registered with the token of an outgoing call failed.")]
    private partial void ReportCallback(Exception exception);
}

/// <summary>Clock, randomness and the other leaves, kept together so that constructors stay readable.</summary>
internal sealed record ClientRuntime(
    TimeProvider Clock, RandomSource Random, CallTelemetry Telemetry, LoadBalancerTable Balancers, OutlierEjectionOptions Ejection, ILoggerFactory Loggers)
{
    /// <summary>How connections are secured; null where plaintext is allowed instead.</summary>
    public PeerSecurity? Security { get; init; }
}

/// <summary>Interceptors of outgoing calls in their order, the outermost first.</summary>
internal sealed record ClientInterceptors(IReadOnlyList<ICallInterceptor> All);

/// <summary>Interceptors of incoming calls in their order, the outermost first.</summary>
internal sealed record ServerInterceptors(IReadOnlyList<ICallInterceptor> All);
