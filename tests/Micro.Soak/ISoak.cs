using System.Text.Json.Serialization;
using Micro.Security;

namespace Micro.Soak;

/// <param name="Id">Of the call, unique in a run.</param>
/// <param name="Millis">How long the handler takes, or waits between two messages.</param>
/// <param name="Count">How many messages to answer with, where that is a stream.</param>
/// <param name="Size">Bytes of filling in each answer.</param>
/// <param name="Filling">Makes the request as large as wanted.</param>
public sealed record SoakRequest(long Id, int Millis = 0, int Count = 0, int Size = 0, string Filling = "");

public sealed record SoakReply(long Id, int Number, string Filling = "");

[JsonSerializable(typeof(SoakRequest))]
[JsonSerializable(typeof(SoakReply))]
public sealed partial class SoakJson : JsonSerializerContext;

/// <summary>A call of each kind, and one that may be executed more than once.</summary>
[MicroService("soak", Json = typeof(SoakJson))]
[Allow(Callers.TrustDomain)]
public interface ISoak
{
    /// <summary>Answers after a while.</summary>
    Task<SoakReply> HoldAsync(SoakRequest request, CancellationToken cancellationToken = default);

    /// <summary>As Hold, and may be executed more than once.</summary>
    [Idempotent]
    Task<SoakReply> RepeatAsync(SoakRequest request, CancellationToken cancellationToken = default);

    IAsyncEnumerable<SoakReply> PourAsync(SoakRequest request, CancellationToken cancellationToken = default);

    Task<SoakReply> GatherAsync(IAsyncEnumerable<SoakRequest> requests, CancellationToken cancellationToken = default);

    IAsyncEnumerable<SoakReply> TalkAsync(IAsyncEnumerable<SoakRequest> requests, CancellationToken cancellationToken = default);
}
