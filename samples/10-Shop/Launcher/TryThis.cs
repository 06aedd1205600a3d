namespace Shop.Launcher;

/// <summary>What one can type in another terminal while the shop is open.</summary>
internal sealed class TryThis(ShopPlace place, Screen screen)
{
    public void Show()
    {
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
            "  ./micro auth explain micro-cli payment Charge",
            """  ./micro call payment Charge '{"orderId":"X-1","card":"visa","cents":"1","currency":"EUR"}'""",
            "The last is denied, as only orders may charge; the line before says which rules there are.",
            "",
        ];
        foreach (var line in lines)
        {
            screen.Plain(line);
        }
    }
}
