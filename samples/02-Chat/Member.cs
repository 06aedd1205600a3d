using System.Threading.Channels;

namespace Samples.Chatting;

/// <summary>Someone in a room. What was not read yet waits here, up to a limit: who does not read is sent out, so that nobody waits for them.</summary>
internal sealed class Member(string room, string name)
{
    private const int MaxUnread = 256;

    private readonly Channel<Heard> _heard = Channel.CreateBounded<Heard>(MaxUnread);

    public string Room { get; } = room;

    public string Name { get; } = name;

    public ChannelReader<Heard> Heard => _heard.Reader;

    public void Tell(Heard heard)
    {
        if (!_heard.Writer.TryWrite(heard))
        {
            End(new CallException(CallStatusCode.ResourceExhausted, $"{Name} did not read {MaxUnread} lines."));
        }
    }

    public void End(Exception? reason = null) => _heard.Writer.TryComplete(reason);
}
