using System.Diagnostics.CodeAnalysis;

namespace Micro.Rpc;

/// <summary>
/// A method of a contract with its types: what the generator writes and both pipelines are bound to. Immutable. Made with <see cref="CallMethod"/>.
/// </summary>
/// <typeparam name="TRequest">Type of one request message.</typeparam>
/// <typeparam name="TResponse">Type of one response message.</typeparam>
public sealed class CallMethod<
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TRequest,
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TResponse> : CallMethod
{
    internal CallMethod(MethodDescription description)
        : base(description)
    {
    }

    /// <summary>The route key of a request; null when the method has none.</summary>
    public Func<TRequest, string?>? RouteKey { get; init; }

    internal Func<object, TRequest, CallContext, ValueTask<TResponse>>? UnaryHandler { get; init; }

    internal Func<object, TRequest, CallContext, IAsyncEnumerable<TResponse>>? ServerStreamHandler { get; init; }

    internal Func<object, IAsyncEnumerable<TRequest>, CallContext, ValueTask<TResponse>>? ClientStreamHandler { get; init; }

    internal Func<object, IAsyncEnumerable<TRequest>, CallContext, IAsyncEnumerable<TResponse>>? DuplexHandler { get; init; }

    internal override ServerMethod CreateServerMethod(ServerMethodFactory factory) => factory.Create(this);
}
