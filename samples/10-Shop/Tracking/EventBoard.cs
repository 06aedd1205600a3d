using Shop.Contracts;

namespace Shop.Tracking;

/// <summary>What happened to each order, and who wants to know; in memory. Beyond the limit the oldest orders are forgotten. Thread-safe.</summary>
internal sealed class EventBoard
{
    private const int MaxOrders = 20_000;

    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, List<OrderEvent>> _events = [];
    private readonly Dictionary<string, List<Follower>> _followers = [];

    /// <summary>Notes an event and tells those who follow the order; noted before, it is not noted again.</summary>
    public void Note(OrderEvent happened)
    {
        lock (_lock)
        {
            if (!_events.TryGetValue(happened.OrderId, out var events))
            {
                _events.Add(happened.OrderId, events = []);
                if (_events.Count > MaxOrders)
                {
                    _events.RemoveAt(0);
                }
            }

            if (events.Any(earlier => earlier.Step == happened.Step))
            {
                return;
            }

            events.Add(happened);
            foreach (var follower in _followers.GetValueOrDefault(happened.OrderId) ?? [])
            {
                follower.Tell(happened);
            }

            if (happened.Step == OrderStep.Delivered)
            {
                _followers.Remove(happened.OrderId);
            }
        }
    }

    /// <summary>Tells what has happened so far, and from now on what happens.</summary>
    public void Follow(string orderId, Follower follower)
    {
        lock (_lock)
        {
            var events = _events.GetValueOrDefault(orderId) ?? [];
            events.ForEach(follower.Tell);
            if (events.Any(earlier => earlier.Step == OrderStep.Delivered))
            {
                return;
            }

            if (!_followers.TryGetValue(orderId, out var followers))
            {
                _followers.Add(orderId, followers = []);
            }

            followers.Add(follower);
        }
    }

    public void Leave(Follower follower, IEnumerable<string> orderIds)
    {
        lock (_lock)
        {
            foreach (var orderId in orderIds)
            {
                if (_followers.TryGetValue(orderId, out var followers) && followers.Remove(follower) && followers.Count == 0)
                {
                    _followers.Remove(orderId);
                }
            }
        }
    }
}
