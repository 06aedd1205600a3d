using Micro.Discovery;
using Micro.Hosting;
using Micro.Tests.Support;
using Micro.Transport;
using Micro.Transport.InProcess;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Micro.Tests.Hosting;

/// <summary>What the lifetime tests watch of a host: whether it is ready, and in which order things happen to it.</summary>
internal static class Lifecycle
{
    /// <summary>The checks of a tag, as the health endpoints ask them.</summary>
    public static async Task<bool> IsHealthyAsync(this IHost host, string tag = "ready") =>
        (await host.Get<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains(tag), TestContext.Current.CancellationToken)).Status == HealthStatus.Healthy;

    public static bool IsReady(this IHost host) => host.Get<MicroLifecycle>().IsReady;

    public static async Task<IReadOnlyList<ServiceInstance>> RegisteredAsync(this ProbeHosts hosts, string service = "probe") =>
        (await hosts.Registry.WatchAsync(service, TestContext.Current.CancellationToken).FirstAsync(TestContext.Current.CancellationToken)).Instances;

    /// <summary>Serves in the process and notes when the listener closes.</summary>
    public static void AddListener(this IMicroBuilder micro, Action<string> note) =>
        micro.Services.AddSingleton<IServerTransport>(provider => new NotingTransport(
            ActivatorUtilities.CreateInstance<InProcessServerTransport>(provider), note));

    /// <summary>Registers with the registry given, and notes it.</summary>
    public static void AddRegistry(this IMicroBuilder micro, NotingRegistry registry) => micro.Services.AddSingleton<IServiceRegistry>(registry);

    internal sealed class NotingRegistry(IServiceRegistry inner, Action<string> note) : IServiceRegistry
    {
        /// <summary>Runs before each registration.</summary>
        public Func<Task>? Before { get; set; }

        /// <summary>Runs before each deregistration.</summary>
        public Func<Task>? BeforeEnd { get; set; }

        public async ValueTask<IServiceRegistration> RegisterAsync(ServiceInstance instance, CancellationToken cancellationToken)
        {
            if (Before is not null)
            {
                await Before().WaitAsync(cancellationToken);
            }

            note($"registering {instance.Service}");
            return new Registration(await inner.RegisterAsync(instance, cancellationToken), this, note);
        }

        private sealed class Registration(IServiceRegistration inner, NotingRegistry owner, Action<string> note) : IServiceRegistration
        {
            public ServiceInstance Instance => inner.Instance;

            public CancellationToken Lost => inner.Lost;

            public async ValueTask DisposeAsync()
            {
                if (owner.BeforeEnd is not null)
                {
                    await owner.BeforeEnd();
                }

                note($"deregistering {Instance.Service}");
                await inner.DisposeAsync();
            }
        }
    }

    private sealed class NotingTransport(IServerTransport inner, Action<string> note) : IServerTransport
    {
        public async ValueTask<IServerListener> ListenAsync(ICallAcceptor acceptor, CancellationToken cancellationToken)
        {
            note("listening");
            return new Listener(await inner.ListenAsync(acceptor, cancellationToken), note);
        }
    }

    private sealed class Listener(IServerListener inner, Action<string> note) : IServerListener
    {
        public IReadOnlyList<Uri> Addresses => inner.Addresses;

        public ValueTask DisposeAsync()
        {
            note("closing");
            return inner.DisposeAsync();
        }
    }
}
