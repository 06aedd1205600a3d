using Micro.Discovery;
using Micro.Transport;

namespace Shop.Launcher;

/// <summary>What one can type in another terminal while the shop is open.</summary>
internal sealed class TryThis(ShopPlace place, Screen screen)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task ShowAsync(IServiceResolver resolver, CancellationToken cancellationToken)
    {
        var pricing = await resolver.WaitForAsync("pricing", found => found.Instances.Length > 0, Patience, cancellationToken);
        var http = pricing.Instances[0].Addresses.First(address => MicroAddress.Transport(address) == "http");
        string[] lines =
        [
            "The shop stays open; Ctrl-C closes it. In another terminal, in this folder, try:",
            "",
            $"  export MICRO_HOME={place.Home}",
            "  ./micro services",
            "  ./micro describe pricing",
            """  ./micro call pricing Quote '{"lines":[{"sku":"TEA-EARL-100","quantity":2}],"country":"DE","coupon":"TEATIME"}'""",
            """  ./micro call catalogue List '{"category":"tea"}'""",
            """  ./micro call orders Latest '{"count":3}'""",
            """  ./micro call tracking Follow '{"orderId":"A-0001"}'""",
            $$"""  curl -s -H 'content-type: application/json' -d '{"lines":[{"sku":"POT-CAST-06","quantity":1}]}' http://{{http.Authority}}/pricing.Pricing/Quote""",
            "",
        ];
        foreach (var line in lines)
        {
            screen.Plain(line);
        }
    }
}
