namespace Micro.Rpc;

/// <summary>A service this process is, by the name of its <c>AddMicro</c>.</summary>
internal sealed record LocalService(string Name);
