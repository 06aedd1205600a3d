namespace Shop.Launcher;

/// <summary>A service that the launcher can start.</summary>
/// <param name="Service">Its name, as it is registered.</param>
/// <param name="Folder">The folder of its project, which also names its assembly.</param>
/// <param name="Colour">Of its log lines: a colour number of the terminal.</param>
/// <param name="Instances">How many are started.</param>
internal sealed record ServiceProgram(string Service, string Folder, int Colour, int Instances = 1)
{
    /// <summary>All services, those that call others last: they are started in this order and stopped in the opposite one.</summary>
    public static IReadOnlyList<ServiceProgram> All { get; } =
    [
        new("catalogue", "Catalogue", 114),
        new("tracking", "Tracking", 177),
        new("payment", "Payment", 221),
        new("cart", "Cart", 80),
        new("pricing", "Pricing", 75, Instances: 3),
        new("shipping", "Shipping", 173),
        new("orders", "Orders", 211),
    ];

    /// <summary>Beside the launcher's own assembly, which lies in <c>Launcher/bin/&lt;configuration&gt;/&lt;framework&gt;</c>.</summary>
    public string Assembly
    {
        get
        {
            var own = new DirectoryInfo(AppContext.BaseDirectory);
            var shop = own.Parent!.Parent!.Parent!.Parent!.FullName;
            return Path.Combine(shop, Folder, "bin", own.Parent.Name, own.Name, $"Shop.{Folder}.dll");
        }
    }
}
