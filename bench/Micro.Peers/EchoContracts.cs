using System.Text.Json.Serialization;
using Micro.Peers.Wire;
using Micro.Security;

namespace Micro.Peers;

/// <summary>The JSON message of both HTTP kinds.</summary>
public sealed record EchoRecord(string Text, long Number, byte[] Payload);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(EchoRecord))]
public sealed partial class EchoJson : JsonSerializerContext;

[MicroService("echo", Contract = "peers.MicroEcho")]
[Allow(Callers.TrustDomain)]
public interface IEcho
{
    Task<EchoMessage> SayAsync(EchoMessage message, CancellationToken cancellationToken = default);
}

[MicroService("echo", Contract = "peers.MicroJsonEcho", Json = typeof(EchoJson))]
[Allow(Callers.TrustDomain)]
public interface IJsonEcho
{
    Task<EchoRecord> SayAsync(EchoRecord message, CancellationToken cancellationToken = default);
}

public sealed class EchoHandler : IEcho, IJsonEcho
{
    public Task<EchoMessage> SayAsync(EchoMessage message, CancellationToken cancellationToken) =>
        Task.FromResult(new EchoMessage { Text = message.Text, Number = message.Number, Payload = message.Payload });

    public Task<EchoRecord> SayAsync(EchoRecord message, CancellationToken cancellationToken) =>
        Task.FromResult(new EchoRecord(message.Text, message.Number, message.Payload));
}

/// <summary>The service of the raw gRPC kind, as grpc-dotnet's own documentation writes one.</summary>
public sealed class RawEcho : Echo.EchoBase
{
    public override Task<EchoMessage> Say(EchoMessage request, global::Grpc.Core.ServerCallContext context) =>
        Task.FromResult(new EchoMessage { Text = request.Text, Number = request.Number, Payload = request.Payload });
}
