using System.Diagnostics.CodeAnalysis;

namespace Micro.Rpc;

/// <summary>A method of a contract, whatever its types. The handler's first argument is the object that implements the contract.</summary>
public abstract class CallMethod
{
    private const DynamicallyAccessedMemberTypes Message = DynamicallyAccessedMemberTypes.PublicParameterlessConstructor;

    private protected CallMethod(MethodDescription description)
    {
        ArgumentNullException.ThrowIfNull(description);
        Description = description;
    }

    /// <summary>Names, rules and schemas.</summary>
    public MethodDescription Description { get; }

    /// <summary>Short for <c>Description.Spec</c>.</summary>
    public CallSpec Spec => Description.Spec;

    /// <summary>A method with one request and one response.</summary>
    public static CallMethod<TRequest, TResponse> Unary<[DynamicallyAccessedMembers(Message)] TRequest, [DynamicallyAccessedMembers(Message)] TResponse>(
        MethodDescription description, Func<object, TRequest, CallContext, ValueTask<TResponse>> handler, Func<TRequest, string?>? routeKey = null) =>
        new(Check(description, CallKind.Unary)) { UnaryHandler = handler, RouteKey = routeKey };

    /// <summary>A method with one request and a stream of responses.</summary>
    public static CallMethod<TRequest, TResponse> ServerStream<[DynamicallyAccessedMembers(Message)] TRequest, [DynamicallyAccessedMembers(Message)] TResponse>(
        MethodDescription description, Func<object, TRequest, CallContext, IAsyncEnumerable<TResponse>> handler, Func<TRequest, string?>? routeKey = null) =>
        new(Check(description, CallKind.ServerStream)) { ServerStreamHandler = handler, RouteKey = routeKey };

    /// <summary>A method with a stream of requests and one response.</summary>
    public static CallMethod<TRequest, TResponse> ClientStream<[DynamicallyAccessedMembers(Message)] TRequest, [DynamicallyAccessedMembers(Message)] TResponse>(
        MethodDescription description, Func<object, IAsyncEnumerable<TRequest>, CallContext, ValueTask<TResponse>> handler) =>
        new(Check(description, CallKind.ClientStream)) { ClientStreamHandler = handler };

    /// <summary>A method with a stream each way.</summary>
    public static CallMethod<TRequest, TResponse> Duplex<[DynamicallyAccessedMembers(Message)] TRequest, [DynamicallyAccessedMembers(Message)] TResponse>(
        MethodDescription description, Func<object, IAsyncEnumerable<TRequest>, CallContext, IAsyncEnumerable<TResponse>> handler) =>
        new(Check(description, CallKind.Duplex)) { DuplexHandler = handler };

    internal abstract ServerMethod CreateServerMethod(ServerMethodFactory factory);

    private static MethodDescription Check(MethodDescription description, CallKind kind) =>
        description.Spec.Kind == kind
            ? description
            : throw new ArgumentException($"{description.Spec} is declared as {description.Spec.Kind} but built as {kind}.", nameof(description));
}
