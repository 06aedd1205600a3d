using Acme.Mail.V1;
using global::Grpc.Core;
using Micro.AspNetCore.Grpc;
using Micro.AspNetCore.Hosting;
using Micro.Grpc;

namespace Snippets.GrpcService;

[Allow(Callers.TrustDomain)]
public sealed class MailService(Outbox outbox) : Mailer.MailerBase
{
    public override async Task<Receipt> Send(Letter request, ServerCallContext context) =>
        new() { Id = await outbox.AddAsync(request.To, request.Text, context.CancellationToken) };
}

public abstract class Outbox
{
    public abstract Task<string> AddAsync(string to, string text, CancellationToken cancellationToken);
}

public static class Adding
{
    public static void Server(WebApplicationBuilder builder)
    {
        builder.AddMicro("mail").AddServer().AddGrpc().AddGrpcService<MailService>();
    }
}
