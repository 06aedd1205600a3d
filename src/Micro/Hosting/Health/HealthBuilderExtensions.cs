using System.Net.Sockets;
using Micro.Discovery;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Micro.Hosting.Health;

/// <summary>
/// Checks of what a service depends on, tagged <c>ready</c>: shown by <c>/health</c> and the gRPC health service, and deciding whether the process is registered.
/// Any other <see cref="IHealthCheck"/> with that tag counts as well. All run at the same time.
/// </summary>
public static class HealthBuilderExtensions
{
    /// <summary>Passes while a TCP connection can be opened.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">Shown to everybody who may ask for the health; unique.</param>
    /// <param name="host">Name or address.</param>
    /// <param name="port">1 to 65535.</param>
    /// <param name="configure">Whether it is critical, and its time limit.</param>
    public static IMicroBuilder AddTcpCheck(this IMicroBuilder builder, string name, string host, int port, Action<DependencyCheckOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, 65535);
        return builder.AddDependency(name, _ => new DependencyCheck(async token =>
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(host, port, token);
        }), configure);
    }

    /// <summary>Passes while a GET is answered with a status from 200 to 299; redirections are not followed.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">Shown to everybody who may ask for the health; unique.</param>
    /// <param name="address">An <c>http</c> or <c>https</c> URL.</param>
    /// <param name="configure">Whether it is critical, and its time limit.</param>
    public static IMicroBuilder AddHttpCheck(this IMicroBuilder builder, string name, Uri address, Action<DependencyCheckOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException($"'{address}' is not an http or https URL.", nameof(address));
        }

        return builder.AddDependency(name, _ => new HttpCheck(address), configure);
    }

    /// <summary>Passes while a host name resolves to at least one address.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">Shown to everybody who may ask for the health; unique.</param>
    /// <param name="host">The host name.</param>
    /// <param name="configure">Whether it is critical, and its time limit.</param>
    public static IMicroBuilder AddDnsCheck(this IMicroBuilder builder, string name, string host, Action<DependencyCheckOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        return builder.AddDependency(name, _ => new DependencyCheck(async token =>
        {
            if ((await System.Net.Dns.GetHostAddressesAsync(host, token)).Length == 0)
            {
                throw new SocketException((int)SocketError.HostNotFound);
            }
        }), configure);
    }

    /// <summary>Passes while the registry answers for a service and knows at least one instance of it.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">Shown to everybody who may ask for the health; unique.</param>
    /// <param name="service">The service, e.g. one whose calls this process cannot do without.</param>
    /// <param name="configure">Whether it is critical, and its time limit.</param>
    public static IMicroBuilder AddServiceCheck(this IMicroBuilder builder, string name, string service, Action<DependencyCheckOptions>? configure = null)
    {
        ServiceInstance.CheckName(service);
        return builder.AddDependency(name, services => new ServiceCheck(services.GetRequiredService<IServiceResolver>(), service), configure);
    }

    private static IMicroBuilder AddDependency(
        this IMicroBuilder builder, string name, Func<IServiceProvider, IHealthCheck> create, Action<DependencyCheckOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var options = new DependencyCheckOptions();
        configure?.Invoke(options);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.Timeout, TimeSpan.Zero, nameof(configure));
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            name, create, options.Critical ? HealthStatus.Unhealthy : HealthStatus.Degraded, ["ready"], options.Timeout));
        return builder;
    }
}
