using System.Diagnostics.CodeAnalysis;
using Micro.Codecs;

namespace Micro.Rpc;

/// <summary>Binds the methods of one hosted contract to its handler, its codecs and its interceptors.</summary>
internal sealed class ServerMethodFactory(HostedContract contract, CodecSet codecs, IReadOnlyList<ICallInterceptor> interceptors)
{
    public ServerMethod Create<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TRequest,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TResponse>(CallMethod<TRequest, TResponse> method)
    {
        var bindings = new Dictionary<string, MessageCodecs<TRequest, TResponse>>();
        foreach (var contentType in codecs.ContentTypesFor<TRequest, TResponse>())
        {
            if (MessageCodecs.Find<TRequest, TResponse>(codecs, contentType) is { } found)
            {
                bindings.Add(contentType, found);
            }
        }

        if (contract.ContentType is { } needed && !bindings.ContainsKey(needed))
        {
            throw new InvalidOperationException(
                $"{method.Spec} of {contract.HandlerName} cannot be served: no codec carries {typeof(TRequest)} and {typeof(TResponse)} as {needed}. Add Micro.Grpc and AddGrpc().");
        }

        return bindings.Count == 0
            ? throw new InvalidOperationException(
                $"{method.Spec} cannot be served: no codec carries {typeof(TRequest)} and {typeof(TResponse)}. For records name a JsonSerializerContext on the contract ([MicroService(…, Json = typeof(…))]); for .proto messages add Micro.Grpc and AddGrpc().")
            : new ServerMethod<TRequest, TResponse>(method, contract, bindings, interceptors);
    }
}
