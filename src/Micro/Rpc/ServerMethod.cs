using Micro.Security;
using Micro.Transport;

namespace Micro.Rpc;

/// <summary>One served method: its description, who may call it and how it is run. Made once at start.</summary>
internal abstract class ServerMethod(MethodDescription description, string handlerName, IReadOnlyList<string> contentTypes)
{
    public MethodDescription Description { get; } = description;

    public CallSpec Spec => Description.Spec;

    public string HandlerName { get; } = handlerName;

    public CallRoute Route { get; } = new(description.Spec, contentTypes);

    /// <summary>What S4 decides on.</summary>
    public ProtectedResource Resource { get; } = new(ResourceKind.Call, description.Spec.Contract, description.Spec.Method);

    /// <summary>S5 and S6. Throws what the handler throws.</summary>
    public abstract ValueTask RunAsync(IncomingCall call, CallContext context);

    /// <summary>Whether the content types can be served; checked before anything is read.</summary>
    public abstract CallStatus? CheckContentTypes(string contentType, string? accept);
}
