using System.Text.Json.Serialization;
using Micro.Security;

namespace Micro.Benchmarks.Rpc;

public sealed record EchoRecord(string Text, long Number);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(EchoRecord))]
public sealed partial class EchoJson : JsonSerializerContext;

[MicroService("echo", Json = typeof(EchoJson))]
[Allow(Callers.TrustDomain)]
public interface IEcho
{
    Task<EchoRecord> SayAsync(EchoRecord message, CancellationToken cancellationToken = default);
}

public sealed class Echo : IEcho
{
    public Task<EchoRecord> SayAsync(EchoRecord message, CancellationToken cancellationToken) => Task.FromResult(message);
}
