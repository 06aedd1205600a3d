using Micro.AspNetCore.Hosting;
using Micro.Grpc;
using Micro.Sqlite;
using Shop.Attachment;
using Shop.Contracts;
using Shop.Shipping;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Services.AddSingleton<ParcelBook>();
builder.Services.AddHostedService<Courier>();
builder.AddMicro("shipping")
    .AddServer()
    .AddGrpc()
    .AddSqlite()
    .AddClient<ITracking>()
    .AddService<IShipping, ShippingService>();
builder.AttachToLauncher();
await builder.Build().RunAsync();
