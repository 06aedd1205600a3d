using System.Diagnostics.CodeAnalysis;

namespace Micro.Rpc;

/// <summary>What a generated client is built on: binds the contract's methods to the client pipeline, once, when the client is made. Thread-safe.</summary>
public sealed class ContractClient
{
    private readonly ClientChannel _channel;

    internal ContractClient(ClientChannel channel) => _channel = channel;

    /// <summary>Binds one method: chooses its codec and builds its chain of interceptors.</summary>
    /// <exception cref="InvalidOperationException">No codec can carry the method's messages; the error names the types and what is there.</exception>
    public ClientMethod<TRequest, TResponse> Bind<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TRequest,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TResponse>(CallMethod<TRequest, TResponse> method) =>
        new(_channel, method);
}
