using System.Diagnostics.CodeAnalysis;
using Micro.Codecs;
using Micro.Rpc;
using Micro.Transport;
using Micro.Transport.InProcess;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Micro.Hosting;

/// <summary>Contracts to serve, clients to call with, interceptors around both.</summary>
public static class RpcBuilderExtensions
{
    /// <summary>
    /// Serves a contract by a class. One object is made for each call, in the call's own scope, unless <typeparamref name="THandler"/> is registered otherwise
    /// (as a singleton, say).
    /// </summary>
    /// <typeparam name="TContract">An interface marked <c>[MicroService]</c>.</typeparam>
    /// <typeparam name="THandler">The class that implements it.</typeparam>
    public static IMicroBuilder AddService<TContract, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        this IMicroBuilder builder)
        where TContract : class
        where THandler : class, TContract
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddScoped<THandler>();
        return builder.AddHosted(typeof(TContract), static services => services.GetRequiredService<THandler>(), typeof(THandler));
    }

    /// <summary>Serves a contract by one object that handles all calls, at the same time; the caller disposes it.</summary>
    public static IMicroBuilder AddService<TContract>(this IMicroBuilder builder, TContract handler)
        where TContract : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(handler);
        return builder.AddHosted(typeof(TContract), _ => handler, handler.GetType());
    }

    /// <summary>Adds a client: <typeparamref name="TContract"/> can be injected, and its calls are resolved, balanced and retried. Thread-safe, one for the process.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Options of all calls to the contract's service, over <c>Micro:Client</c> and <c>Micro:Clients:&lt;service&gt;</c>.</param>
    public static IMicroBuilder AddClient<TContract>(this IMicroBuilder builder, Action<RpcClientOptions>? configure = null)
        where TContract : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        var contract = ContractTable.Get(typeof(TContract));
        builder.AddKnown(contract);
        var options = builder.Services.AddOptions<RpcClientOptions>(contract.Service);
        var client = new ConfiguredClient(contract.Service);
        if (builder.Services.All(service => service.ServiceType != typeof(ConfiguredClient) || !client.Equals(service.ImplementationInstance)))
        {
            // Once: bound again for a second contract of the service, configuration would undo what code set for the first.
            builder.Services.AddSingleton(client);
            options.BindConfiguration("Micro:Client").BindConfiguration($"Micro:Clients:{contract.Service}").ValidateOnStart();
        }

        if (configure is not null)
        {
            options.Configure(configure);
        }

        builder.Services.TryAddSingleton(provider =>
        {
            var channel = provider.GetRequiredService<ClientChannels>().For(contract.Service, builder.Name);
            var create = contract.CreateClient ?? throw new InvalidOperationException($"{contract.Type} has no generated client.");
            return (TContract)create(new ContractClient(channel));
        });
        return builder;
    }

    /// <summary>Serves calls of the same process (<c>inproc://</c>), for several services in one process and for tests.</summary>
    public static IMicroBuilder AddInProcess(this IMicroBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IServerTransport, InProcessServerTransport>());
        return builder;
    }

    /// <summary>Adds behaviour around outgoing and incoming calls. The first added is the outermost.</summary>
    /// <typeparam name="TInterceptor">Made once, from the host's services.</typeparam>
    public static IMicroBuilder AddInterceptor<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TInterceptor>(this IMicroBuilder builder)
        where TInterceptor : class, ICallInterceptor => builder.AddInterceptor<TInterceptor>(CallSides.Both);

    /// <summary>Adds behaviour around calls, outgoing, incoming or both. The first added is the outermost.</summary>
    /// <typeparam name="TInterceptor">Made once, from the host's services.</typeparam>
    public static IMicroBuilder AddInterceptor<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TInterceptor>(
        this IMicroBuilder builder, CallSides sides)
        where TInterceptor : class, ICallInterceptor
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton<TInterceptor>();
        return builder.AddInterceptor(static services => services.GetRequiredService<TInterceptor>(), sides);
    }

    /// <summary>Adds behaviour around outgoing and incoming calls, made by a function.</summary>
    public static IMicroBuilder AddInterceptor(this IMicroBuilder builder, Func<IServiceProvider, ICallInterceptor> create) =>
        builder.AddInterceptor(create, CallSides.Both);

    /// <summary>Adds behaviour around calls, made by a function.</summary>
    public static IMicroBuilder AddInterceptor(
        this IMicroBuilder builder, Func<IServiceProvider, ICallInterceptor> create, CallSides sides)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(new InterceptorRegistration(
            create, (sides & CallSides.Client) != 0, (sides & CallSides.Server) != 0));
        return builder;
    }

    private static IMicroBuilder AddHosted(this IMicroBuilder builder, Type contractType, Func<IServiceProvider, object> handler, Type handlerType)
    {
        var contract = ContractTable.Get(contractType);
        return builder.AddHosted(new HostedContract(contract, handler, handlerType.Name));
    }

    /// <summary>For other ways to describe what is served than an interface.</summary>
    internal static IMicroBuilder AddHosted(this IMicroBuilder builder, HostedContract hosted)
    {
        builder.AddKnown(hosted.Contract);
        builder.Services.AddSingleton(hosted);
        return builder;
    }

    /// <summary>The codecs have to know the messages of every contract that is served or called.</summary>
    private static void AddKnown(this IMicroBuilder builder, ContractDescriptor contract)
    {
        builder.Services.AddSingleton(new KnownContract(contract));
        if (contract.Json is not null)
        {
            builder.AddJson(contract.Json);
        }
    }
}
