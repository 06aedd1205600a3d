using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Micro.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Micro.AspNetCore.Hosting;

/// <summary>
/// Secures the edge's listeners: TLS with a certificate of the server alone, for callers from outside of the mesh. They are nobody until a token says who they are, so
/// what they may call is public or asks for a scope.
/// </summary>
/// <param name="certificate">The certificate from files; null: that of the service, which only tools that are told its root can check.</param>
/// <param name="security">Where the service's certificate comes from.</param>
/// <param name="own">The service.</param>
internal sealed class EdgeTls(EdgeCertificate? certificate, PeerSecurity security, ServiceIdentity own)
{
    private static readonly object Key = new();

    /// <summary>Whether a request came over one of them.</summary>
    public static bool IsEdge(HttpContext context) => context.Features.Get<IConnectionItemsFeature>()?.Items.ContainsKey(Key) == true;

    public void Use(ListenOptions listen)
    {
        listen.Use(next => connection =>
        {
            connection.Items[Key] = Key;
            return next(connection);
        });
        listen.UseHttps(new TlsHandshakeCallbackOptions { HandshakeTimeout = MutualTls.HandshakeTimeout, OnConnection = AcceptAsync });
    }

    private async ValueTask<SslServerAuthenticationOptions> AcceptAsync(TlsHandshakeCallbackContext context) => new()
    {
        ServerCertificateContext = certificate?.Current ?? ContextOf(await security.Credentials.GetAsync(own, context.CancellationToken)),
        ClientCertificateRequired = false,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        AllowRenegotiation = false,
    };

    private static SslStreamCertificateContext ContextOf(ServiceCredential credential) =>
        SslStreamCertificateContext.Create(credential.Leaf, [.. credential.Intermediates], offline: true);
}
