namespace Micro.Rpc;

/// <summary>The rest of the call, from an interceptor's point of view.</summary>
public delegate ValueTask CallDelegate(CallContext context);
