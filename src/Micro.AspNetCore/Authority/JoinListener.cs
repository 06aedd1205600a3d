using System.Net;
using Micro.AspNetCore.Hosting;
using Micro.AspNetCore.Http;
using Micro.Security;
using Micro.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;

namespace Micro.AspNetCore.Authority;

/// <summary>
/// The one listener where a client needs no certificate: TLS as the authority, and nothing behind it but asking for the roots and joining. Whatever else is asked for on
/// its connections is answered here and reaches neither the pipeline nor the host.
/// </summary>
internal sealed class JoinListener(IOptions<AuthorityServerOptions> options, PeerSecurity security)
{
    /// <summary>Largest request; a token and a request for a certificate are a fraction of it.</summary>
    private const int MaxRequestBytes = 32 * 1024;

    private static readonly object Key = new();

    private static readonly CallEnd Refused = new(new CallStatus(CallStatusCode.Unauthenticated, "Nothing is served here but joining.", notProcessed: true));

    private ListenOptions? _opened;

    /// <summary>Where it listens once it is bound; null when it is not to.</summary>
    public Uri? Address => _opened?.EndPoint is IPEndPoint ip ? MicroAddress.Tcp("http", ip.Address.ToString(), ip.Port, insecure: false) : null;

    public bool IsConfigured => options.Value.JoinListen is { Length: > 0 };

    /// <exception cref="MicroAddressException">The address cannot be used.</exception>
    public void Open(KestrelServerOptions kestrel)
    {
        var address = ListenAddress.Parse(options.Value.JoinListen!, "Micro:Authority:JoinListen");
        if (!address.IsSecure)
        {
            throw new MicroAddressException(address.Uri, "of Micro:Authority:JoinListen is plaintext; tokens are sent there, so leave +insecure out");
        }

        kestrel.Listen(address.EndPoint, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(next => connection =>
            {
                connection.Items[Key] = Key;
                connection.Items[KestrelServerTransport.RemoteAddressKey] = connection.RemoteEndPoint is IPEndPoint peer ? peer.ToString() : "unix";
                return next(connection);
            });
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = MutualTls.HandshakeTimeout,
                OnConnection = async context => JoinTls.ServerOptions(
                    await security.Credentials.GetAsync(security.IdentityOf(AuthorityRequests.Service), context.CancellationToken)),
            });
            _opened = listen;
        });
    }

    /// <summary>Answers what is asked for on a connection of this listener and is not joining; null for all else.</summary>
    public Task? TryRefuse(HttpContext context)
    {
        if (context.Features.Get<IConnectionItemsFeature>()?.Items.ContainsKey(Key) != true)
        {
            return null;
        }

        if (HttpMethods.IsPost(context.Request.Method) && AuthorityContract.JoinPaths.Contains(context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? ""))
        {
            context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = MaxRequestBytes;
            return null;
        }

        context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        return HttpResponses.WriteProblemAsync(context, Refused, StatusCodes.Status401Unauthorized);
    }
}
