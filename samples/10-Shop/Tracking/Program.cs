using Micro.AspNetCore.Hosting;
using Micro.Grpc;
using Micro.Sqlite;
using Shop.Attachment;
using Shop.Contracts;
using Shop.Tracking;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Services.AddSingleton<EventBoard>();
builder.AddMicro("tracking")
    .AddServer()
    .AddGrpc()
    .AddSqlite()
    .AddService<ITracking, TrackingService>();
builder.AttachToLauncher();
await builder.Build().RunAsync();
