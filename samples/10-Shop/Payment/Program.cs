using Micro.AspNetCore.Grpc;
using Micro.AspNetCore.Hosting;
using Micro.Grpc;
using Micro.Sqlite;
using Shop.Attachment;
using Shop.Contracts;
using Shop.Payment;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Services.AddSingleton(ChargeJournal.Open(builder.Configuration["Shop:Journal"] ?? "charges.jsonl"));
builder.AddMicro("payment")
    .AddServer()
    .AddGrpc()
    .AddGrpcReflection(PaymentReflection.Descriptor)
    .AddSqlite()
    .AddService<IPayment, PaymentService>();
builder.AttachToLauncher();
await builder.Build().RunAsync();
