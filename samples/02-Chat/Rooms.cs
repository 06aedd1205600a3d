namespace Samples.Chatting;

/// <summary>Who is where, and what was said last. A room is there while someone is in it. Thread-safe.</summary>
internal sealed class Rooms(TimeProvider clock)
{
    private const int MaxPeople = 100;
    private const int MaxHistory = 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Room> _rooms = [];

    /// <exception cref="CallException">There is no name, or it is taken, or the room is full.</exception>
    public Member Enter(string room, string name)
    {
        lock (_lock)
        {
            if (!_rooms.TryGetValue(room, out var place))
            {
                place = new Room([], []);
            }

            Check(name.Length is > 0 and <= 40, CallStatusCode.InvalidArgument, "A name has 1 to 40 characters.");
            Check(place.People.All(member => member.Name != name), CallStatusCode.AlreadyExists, $"There is a {name} in {room} already.");
            Check(place.People.Count < MaxPeople, CallStatusCode.ResourceExhausted, $"{room} is full.");
            var newcomer = new Member(room, name);
            foreach (var earlier in place.History)
            {
                newcomer.Tell(earlier);
            }

            _rooms[room] = place;
            place.People.Add(newcomer);
            Tell(place, HeardKind.Came, name, "");
            return newcomer;
        }
    }

    public void Say(Member member, string text)
    {
        lock (_lock)
        {
            if (_rooms.TryGetValue(member.Room, out var place) && place.People.Contains(member))
            {
                Tell(place, HeardKind.Line, member.Name, text);
            }
        }
    }

    public void Leave(Member member, Exception? reason = null)
    {
        lock (_lock)
        {
            member.End(reason);
            if (!_rooms.TryGetValue(member.Room, out var place) || !place.People.Remove(member))
            {
                return;
            }

            if (place.People.Count == 0)
            {
                _rooms.Remove(member.Room);
                return;
            }

            Tell(place, HeardKind.Went, member.Name, "");
        }
    }

    public IReadOnlyList<string> People(string room)
    {
        lock (_lock)
        {
            return _rooms.TryGetValue(room, out var place) ? [.. place.People.Select(member => member.Name)] : [];
        }
    }

    private static void Check(bool holds, CallStatusCode code, string rule)
    {
        if (!holds)
        {
            throw new CallException(code, rule);
        }
    }

    private void Tell(Room place, HeardKind kind, string name, string text)
    {
        var heard = new Heard(kind, name, text, clock.GetUtcNow());
        place.History.Enqueue(heard);
        if (place.History.Count > MaxHistory)
        {
            place.History.Dequeue();
        }

        place.People.ForEach(member => member.Tell(heard));
    }

    private sealed record Room(List<Member> People, Queue<Heard> History);
}
