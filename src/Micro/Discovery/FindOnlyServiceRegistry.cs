namespace Micro.Discovery;

/// <summary>Stands where a registry is asked for though the chosen provider only finds.</summary>
internal sealed class FindOnlyServiceRegistry(string provider) : IServiceRegistry
{
    public ValueTask<IServiceRegistration> RegisterAsync(ServiceInstance instance, CancellationToken cancellationToken) =>
        throw new NotSupportedException(
            $"The discovery provider '{provider}' only finds services; nothing can be registered in it. Choose another one with Micro:Discovery:Provider.");
}
