using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Google.Protobuf.Reflection;
using global::Grpc.Core;
using Micro.Rpc;

namespace Micro.AspNetCore.Grpc;

/// <summary>
/// Takes the methods from a generated <c>BindService</c> and makes methods of a contract of them. A method is found once, by the name and the types the generated
/// code gave, as an open delegate: it is called on whichever object serves the call.
/// </summary>
internal sealed class GrpcMethodCollector<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods)] TService>(
    string service, Type generated, ServiceDescriptor? descriptor) : ServiceBinderBase
    where TService : class
{
    private const string MessagesAreMade =
        "The codecs make messages by their constructor, which the parser of each generated message calls and so keeps.";

    public List<CallMethod> Methods { get; } = [];

    /// <summary>Full name of the service in its .proto; null when there is no method to serve.</summary>
    public string? Contract { get; private set; }

    [UnconditionalSuppressMessage("Trimming", "IL2091", Justification = MessagesAreMade)]
    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        if (Find(method, [typeof(TRequest), typeof(ServerCallContext)]) is { } found)
        {
            var run = found.CreateDelegate<Func<TService, TRequest, ServerCallContext, Task<TResponse>>>();
            Methods.Add(CallMethod.Unary<TRequest, TResponse>(
                Describe(method, found, CallKind.Unary),
                (target, request, call) => GrpcMethods.UnaryAsync(call, context => run((TService)target, request, context))));
        }
    }

    [UnconditionalSuppressMessage("Trimming", "IL2091", Justification = MessagesAreMade)]
    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        if (Find(method, [typeof(TRequest), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext)]) is { } found)
        {
            var run = found.CreateDelegate<Func<TService, TRequest, IServerStreamWriter<TResponse>, ServerCallContext, Task>>();
            Methods.Add(CallMethod.ServerStream<TRequest, TResponse>(
                Describe(method, found, CallKind.ServerStream),
                (target, request, call) => GrpcMethods.ServerStreamAsync<TResponse>(call, (writer, context) => run((TService)target, request, writer, context))));
        }
    }

    [UnconditionalSuppressMessage("Trimming", "IL2091", Justification = MessagesAreMade)]
    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
        if (Find(method, [typeof(IAsyncStreamReader<TRequest>), typeof(ServerCallContext)]) is { } found)
        {
            var run = found.CreateDelegate<Func<TService, IAsyncStreamReader<TRequest>, ServerCallContext, Task<TResponse>>>();
            Methods.Add(CallMethod.ClientStream<TRequest, TResponse>(
                Describe(method, found, CallKind.ClientStream),
                (target, requests, call) => GrpcMethods.ClientStreamAsync(call, requests, (reader, context) => run((TService)target, reader, context))));
        }
    }

    [UnconditionalSuppressMessage("Trimming", "IL2091", Justification = MessagesAreMade)]
    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
        if (Find(method, [typeof(IAsyncStreamReader<TRequest>), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext)]) is { } found)
        {
            var run = found.CreateDelegate<Func<TService, IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task>>();
            Methods.Add(CallMethod.Duplex<TRequest, TResponse>(
                Describe(method, found, CallKind.Duplex),
                (target, requests, call) => GrpcMethods.DuplexAsync<TRequest, TResponse>(
                    call, requests, (reader, writer, context) => run((TService)target, reader, writer, context))));
        }
    }

    /// <summary>The override of a generated method, and not one that merely hides it; null when there is none.</summary>
    private MethodInfo? Find(IMethod method, Type[] parameters)
    {
        var found = typeof(TService).GetMethods(BindingFlags.Public | BindingFlags.Instance).FirstOrDefault(one =>
            one.Name == method.Name
            && one.DeclaringType != generated
            && one.GetBaseDefinition().DeclaringType == generated
            && one.GetParameters().Select(parameter => parameter.ParameterType).SequenceEqual(parameters));
        Contract = found is null ? Contract : method.ServiceName;
        return found;
    }

    private MethodDescription Describe(IMethod method, MethodInfo found, CallKind kind)
    {
        var proto = descriptor?.FindMethodByName(method.Name);
        var idempotent = found.IsDefined(typeof(IdempotentAttribute), inherit: false)
            || proto?.GetOptions()?.IdempotencyLevel is MethodOptions.Types.IdempotencyLevel.Idempotent or MethodOptions.Types.IdempotencyLevel.NoSideEffects;
        var spec = new CallSpec(service, method.ServiceName, method.Name, kind, idempotent);
        var rules = AttributeRules.Of(found, typeof(TService), spec);
        return proto is null
            ? new MethodDescription(spec, rules)
            : new MethodDescription(spec, rules, ProtobufSchema.Write(proto.InputType), ProtobufSchema.Write(proto.OutputType));
    }
}
