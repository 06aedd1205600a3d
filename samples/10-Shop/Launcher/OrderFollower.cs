using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Shop.Contracts;

namespace Shop.Launcher;

/// <summary>Follows some orders through one duplex stream: names them one after the other while it hears what happens to the others. Thread-safe.</summary>
internal sealed class OrderFollower(ITracking tracking, Screen screen)
{
    private const int Colour = 147;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly Channel<FollowOrder> _named = Channel.CreateBounded<FollowOrder>(256);
    private Task _following = Task.CompletedTask;
    private int _followed;
    private int _delivered;

    /// <summary>Orders named.</summary>
    public int Followed => Volatile.Read(ref _followed);

    /// <summary>Those of which the stream told that they are delivered.</summary>
    public int Delivered => Volatile.Read(ref _delivered);

    public void Start() => _following = FollowAsync();

    /// <summary>Names one more order. When too many wait to be named, this one is not followed.</summary>
    public void Follow(string orderId)
    {
        if (_named.Writer.TryWrite(new FollowOrder(orderId)))
        {
            Interlocked.Increment(ref _followed);
        }
    }

    /// <summary>Names no more and waits for the last delivery, for a while.</summary>
    public async Task FinishAsync()
    {
        _named.Writer.TryComplete();
        try
        {
            await _following.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            screen.Complain($"{Followed - Delivered} of the orders followed were not delivered within {Patience.TotalSeconds:0} s.");
        }
    }

    private async Task FollowAsync()
    {
        try
        {
            await foreach (var happened in tracking.FollowAsync(_named.Reader.ReadAllAsync()))
            {
                screen.Line("customer", Colour, LogLevel.Information, $"{happened.OrderId} is {Words(happened.Step)}  {happened.Note}");
                if (happened.Step == OrderStep.Delivered)
                {
                    Interlocked.Increment(ref _delivered);
                }
            }
        }
        catch (CallException e)
        {
            screen.Complain($"Following orders failed: {e.Message}");
        }
    }

    private static string Words(OrderStep step) => step switch
    {
        OrderStep.Placed => "placed    ",
        OrderStep.Packed => "packed    ",
        OrderStep.OnItsWay => "on its way",
        _ => "delivered ",
    };
}
