using Micro.Grpc;
using Micro.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Shop.Contracts;

namespace Shop.Launcher;

/// <summary>The launcher's own host: a process of Micro that serves nothing and calls what the customers call.</summary>
internal static class Customers
{
    public static IHost Build(ShopPlace place, Screen screen)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration["Micro:Home"] = place.Home;
        builder.Configuration["Micro:Client:Timeout"] = "00:00:30";
        builder.Logging.AddProvider(new ScreenLogger(screen)).SetMinimumLevel(LogLevel.Warning);
        builder.AddMicro("storefront")
            .AddGrpc()
            .AddSqlite()
            .AddClient<ICatalogue>()
            .AddClient<ICart>()
            .AddClient<IOrders>()
            .AddClient<ITracking>();
        builder.Services.AddSingleton(screen);
        builder.Services.AddSingleton<Tally>();
        builder.Services.AddSingleton<OrderFollower>();
        builder.Services.AddSingleton<Storefront>();
        return builder.Build();
    }
}
