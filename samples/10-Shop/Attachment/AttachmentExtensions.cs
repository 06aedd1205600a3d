using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Shop.Attachment;

/// <summary>Ties a service to the launcher that started it.</summary>
public static class AttachmentExtensions
{
    /// <summary>
    /// Under the launcher: the process ends when the launcher does, however that ends, and tells it once in a while how many calls it has served.
    /// Started by hand, a service is not changed by this. Nothing here belongs to Micro; it keeps nine processes on one machine together.
    /// </summary>
    public static void AttachToLauncher(this IHostApplicationBuilder builder)
    {
        if (builder.Configuration["Shop:Attached"] is null)
        {
            return;
        }

        builder.Services.AddSingleton<IHostLifetime, AttachedLifetime>();
        builder.Services.AddHostedService<CallReport>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = AttachedLifetime.Patience);
    }
}
