using System.Runtime.CompilerServices;

namespace Samples.Chatting;

internal sealed class ChatService(Rooms rooms) : IChat
{
    public async IAsyncEnumerable<Heard> JoinAsync(IAsyncEnumerable<Said> said, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var lines = said.GetAsyncEnumerator(leaving.Token);
        if (!await lines.MoveNextAsync())
        {
            throw new CallException(CallStatusCode.InvalidArgument, "The first message says who comes.");
        }

        var member = rooms.Enter(lines.Current.Room, lines.Current.Name);
        var talking = TalkAsync(lines, member);
        try
        {
            // Both directions at once: this one hears while TalkAsync passes on what is said.
            await foreach (var heard in member.Heard.ReadAllAsync(cancellationToken))
            {
                yield return heard;
            }
        }
        finally
        {
            await leaving.CancelAsync();
            await talking;
        }
    }

    public Task<PeopleInRoom> PeopleAsync(RoomQuery query, CancellationToken cancellationToken = default) => Task.FromResult(new PeopleInRoom(rooms.People(query.Room)));

    private async Task TalkAsync(IAsyncEnumerator<Said> lines, Member member)
    {
        try
        {
            do
            {
                if (lines.Current.Text.Length > 0)
                {
                    rooms.Say(member, lines.Current.Text);
                }
            }
            while (await lines.MoveNextAsync());
            rooms.Leave(member);
        }
        catch (Exception e)
        {
            // The caller is gone; or it is a mistake of this service, and the caller is told by the same way.
            rooms.Leave(member, e);
        }
    }
}
