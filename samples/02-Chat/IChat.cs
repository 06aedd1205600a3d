namespace Samples.Chatting;

/// <summary>Rooms in which people talk.</summary>
[MicroService("chat", Json = typeof(ChatJson))]
[Allow(Callers.TrustDomain)]
public interface IChat
{
    /// <summary>
    /// Enters a room. The first message says who comes and where; its text may be empty. From then on you hear what is said there, and what you say is heard. Ending your
    /// side of the stream is leaving.
    /// </summary>
    IAsyncEnumerable<Heard> JoinAsync(IAsyncEnumerable<Said> said, CancellationToken cancellationToken = default);

    /// <summary>Who is in a room.</summary>
    [Idempotent]
    Task<PeopleInRoom> PeopleAsync(RoomQuery query, CancellationToken cancellationToken = default);
}
