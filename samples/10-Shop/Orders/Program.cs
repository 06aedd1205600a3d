using Micro.AspNetCore.Hosting;
using Micro.Grpc;
using Micro.Sqlite;
using Shop.Attachment;
using Shop.Contracts;
using Shop.Orders;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Services.AddSingleton<OrderBook>();
builder.Services.AddSingleton<OrderServices>();
builder.Services.AddSingleton<OrderSteps>();
builder.AddMicro("orders")
    .AddServer()
    .AddGrpc()
    .AddSqlite()
    .AddClient<ICart>()
    .AddClient<IPricing>()
    .AddClient<IPayment>()
    .AddClient<IShipping>()
    .AddClient<ITracking>()
    .AddService<IOrders, OrdersService>();
builder.AttachToLauncher();
await builder.Build().RunAsync();
