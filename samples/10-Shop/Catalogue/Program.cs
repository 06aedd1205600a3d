using Micro.AspNetCore.Hosting;
using Micro.Grpc;
using Micro.Sqlite;
using Shop.Attachment;
using Shop.Catalogue;
using Shop.Contracts;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Services.AddSingleton(await ProductShelf.LoadAsync(Path.Combine(AppContext.BaseDirectory, "products.json")));
builder.AddMicro("catalogue")
    .AddServer()
    .AddGrpc()
    .AddSqlite()
    .AddService<ICatalogue, CatalogueService>();
builder.AttachToLauncher();
await builder.Build().RunAsync();
