using Micro.Discovery;

namespace Shop.Launcher;

/// <summary>What happens in the middle of the day: an instance of pricing is killed, and later another joins.</summary>
internal sealed class Incident(ShopFloor floor, IServiceResolver resolver, Screen screen, int orders)
{
    private const string Service = "pricing";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Name of the instance that was killed.</summary>
    public string? Killed { get; private set; }

    /// <summary>Name of the instance that joined.</summary>
    public string? Joined { get; private set; }

    /// <summary>To be called before each order.</summary>
    public async Task BeforeAsync(int number)
    {
        if (number == orders / 3)
        {
            var victim = floor.Processes.Where(process => process.Service == Service).ElementAt(1);
            victim.Kill();
            Killed = victim.Name;
            screen.Say($"{victim.Name} is killed (SIGKILL) after {number} orders");
        }
        else if (number == orders / 2)
        {
            Joined = floor.StartAnother(Service).Name;
            screen.Say($"{Joined} is started after {number} orders");
        }
        else if (number == orders * 3 / 4)
        {
            // On a slow machine it may still be starting: some orders are to be left for it.
            await resolver.WaitForAsync(Service, found => found.Instances.Any(IsNew), Patience, CancellationToken.None);
        }
    }

    private bool IsNew(ServiceInstance instance) => instance.Metadata.GetValueOrDefault("name") == Joined;
}
