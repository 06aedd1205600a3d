using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Micro.AspNetCore.Hosting;

/// <summary>Kestrel ignores the host's URLs once it has an endpoint from code. Micro brings such endpoints, and must not silence what the host asked for.</summary>
internal static class HostUrls
{
    public static void Keep(IServerAddressesFeature? urls, KestrelServerOptions kestrel)
    {
        if (urls is null)
        {
            return;
        }

        foreach (var url in urls.Addresses)
        {
            Listen(BindingAddress.Parse(url), kestrel);
        }

        urls.Addresses.Clear();
        urls.PreferHostingUrls = false;
    }

    private static void Listen(BindingAddress url, KestrelServerOptions kestrel)
    {
        void Configure(ListenOptions listen)
        {
            if (url.Scheme == "https")
            {
                listen.UseHttps();
            }
        }

        if (url.IsUnixPipe)
        {
            kestrel.ListenUnixSocket(url.UnixPipePath, Configure);
        }
        else if (url.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            kestrel.ListenLocalhost(url.Port, Configure);
        }
        else if (IPAddress.TryParse(url.Host.Trim('[', ']'), out var ip))
        {
            kestrel.Listen(ip, url.Port, Configure);
        }
        else
        {
            kestrel.ListenAnyIP(url.Port, Configure);
        }
    }
}
