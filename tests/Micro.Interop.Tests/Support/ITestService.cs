using Micro.Interop.Tests.Protos;
using Micro.Security;

namespace Micro.Interop.Tests.Support;

/// <summary>The .proto service as a contract. Missing is left out: a server of this contract does not have it.</summary>
[MicroService("interop", Contract = "micro.interop.TestService")]
[Allow(Callers.TrustDomain)]
public interface ITestService
{
    Task<Nothing> EmptyCallAsync(Nothing request, CallContext context);

    Task<UnaryReply> UnaryCallAsync(UnaryRequest request, CallContext context);

    IAsyncEnumerable<OutputReply> StreamingOutputAsync(OutputRequest request, CallContext context);

    Task<InputReply> StreamingInputAsync(IAsyncEnumerable<InputRequest> requests, CallContext context);

    IAsyncEnumerable<OutputReply> FullDuplexAsync(IAsyncEnumerable<OutputRequest> requests, CallContext context);
}

/// <summary>A service nobody hosts.</summary>
[MicroService("interop", Contract = "micro.interop.MissingService")]
[Allow(Callers.TrustDomain)]
public interface IMissingService
{
    Task<Nothing> EmptyCallAsync(Nothing request, CallContext context);
}
