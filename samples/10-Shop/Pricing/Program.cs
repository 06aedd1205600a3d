using Micro.AspNetCore.Hosting;
using Micro.Grpc;
using Micro.Sqlite;
using Shop.Attachment;
using Shop.Contracts;
using Shop.Pricing;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddMicro("pricing")
    .AddServer()
    .AddGrpc()
    .AddSqlite()
    .AddClient<ICatalogue>()
    .AddService<IPricing, PricingService>();
builder.AttachToLauncher();
await builder.Build().RunAsync();
