using Micro.AspNetCore.Hosting;
using Micro.Grpc;
using Micro.Sqlite;
using Shop.Attachment;
using Shop.Cart;
using Shop.Contracts;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Services.AddSingleton<CartShelf>();
builder.AddMicro("cart")
    .AddServer()
    .AddGrpc()
    .AddSqlite()
    .AddService<ICart, CartService>();
builder.AttachToLauncher();
await builder.Build().RunAsync();
