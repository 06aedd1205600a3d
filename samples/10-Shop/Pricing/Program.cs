using Micro.AspNetCore.Hosting;
using Micro.Grpc;
using Micro.Sqlite;
using Shop.Attachment;
using Shop.Contracts;
using Shop.Pricing;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Services.AddHostedService<WarmUp>();
builder.AddMicro("pricing")
    .AddServer()
    .AddGrpc()
    .AddSqlite()
    .AddClient<ICatalogue>(options => options.WaitForReady = true)
    .AddService<IPricing, PricingService>();
builder.AttachToLauncher();
await builder.Build().RunAsync();
