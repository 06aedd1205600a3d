using System.Net.Security;
using System.Security.Authentication;
using Micro.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Micro.AspNetCore.Hosting;

/// <summary>
/// Secures the mesh's listeners: a certificate on both sides. The handshake only takes the verdict on the caller down and lets TLS finish; a refused caller is told so by
/// its first request (<see cref="MeshGate"/>). A connection ends gracefully when a certificate of it runs out, and at once when its peer is trusted no more.
/// </summary>
internal sealed partial class MeshTls(PeerSecurity security, IReadOnlyList<ServiceIdentity> own, ILogger logger)
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40);
    private static readonly SslApplicationProtocol[] Protocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];

    private readonly Dictionary<string, ServiceIdentity> _byHost = own.ToDictionary(MutualTls.HostOf, StringComparer.OrdinalIgnoreCase);

    public void Use(ListenOptions listen)
    {
        listen.UseHttps(new TlsHandshakeCallbackOptions { HandshakeTimeout = security.HandshakeTimeout, OnConnection = AcceptAsync });
        listen.Use(next => connection => RunAsync(next, connection));
    }

    private async ValueTask<SslServerAuthenticationOptions> AcceptAsync(TlsHandshakeCallbackContext context)
    {
        var identity = Select(context.ClientHelloInfo.ServerName);
        ServiceCredential credential;
        try
        {
            credential = await security.Credentials.GetAsync(identity, context.CancellationToken);
        }
        catch (CredentialException failure)
        {
            NoCredential(identity.ToString(), failure);
            throw;
        }

        var record = new PeerRecord();
        new MeshPeer(record, identity, credential).Keep(context.Connection.Items);
        return security.Tls.ServerOptions(context.ClientHelloInfo.ServerName, _ => credential, record, Protocols);
    }

    /// <summary>The service asked for by name; without a name, which an address without one cannot give, the first of the process.</summary>
    private ServiceIdentity Select(string? serverName)
    {
        if (string.IsNullOrEmpty(serverName))
        {
            return own[0];
        }

        if (_byHost.TryGetValue(serverName, out var identity))
        {
            return identity;
        }

        // A stranger's text, on its way into logs.
        var shown = string.Concat(serverName.Take(100).Select(c => c is >= ' ' and <= '~' ? c : '?'));
        NotHere(shown, string.Join(", ", _byHost.Keys));
        throw new AuthenticationException($"Nobody here is called '{shown}'.");
    }

    private async Task RunAsync(ConnectionDelegate next, ConnectionContext connection)
    {
        if (MeshPeer.Of(connection.Items) is not { } mesh || mesh.Record.Peer is not { Refusal: null } peer)
        {
            // It may ask once and be told; one that does not ask is not waited for.
            await using var end = After(security.HandshakeTimeout, connection, static connection => connection.Abort(new ConnectionAbortedException("The peer was refused.")));
            await next(connection);
            return;
        }

        using var watch = PeerWatch.Start(
            security, mesh.Own, mesh.Credential, peer, reason => connection.Abort(new ConnectionAbortedException($"The peer's connection is ended: {reason}.")));
        var untilDrain = UntilDrain(peer, mesh.Credential);
        await using var drain = After(untilDrain, connection, connection => Drain(connection, mesh));
        await using var cut = After(
            untilDrain + security.DrainLimit, connection, static connection => connection.Abort(new ConnectionAbortedException("The certificate of the connection ran out long ago.")));
        await next(connection);
    }

    /// <summary>
    /// GOAWAY over HTTP/2; calls that are there go on. Over HTTP/1.1 the next answer says <c>connection: close</c>: closing one that is idle would lose the request that is
    /// perhaps on its way, and nobody could tell whether it was executed.
    /// </summary>
    private static void Drain(ConnectionContext connection, MeshPeer mesh)
    {
        mesh.IsDraining = true;
        if (connection.Features.Get<ISslStreamFeature>()?.SslStream.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2)
        {
            connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
    }

    /// <summary>A little before the first of both certificates runs out, but not while a client that keeps to the rules still uses the connection.</summary>
    private TimeSpan UntilDrain(PeerIdentity peer, ServiceCredential credential)
    {
        var leaf = new DateTimeOffset(credential.Leaf.NotAfter.ToUniversalTime());
        var left = ((peer.NotAfter < leaf ? peer.NotAfter : leaf) - security.Clock.GetUtcNow()) * 0.95;
        return left > security.LeastConnectionAge ? left : security.LeastConnectionAge;
    }

    private ITimer After(TimeSpan due, ConnectionContext connection, Action<ConnectionContext> act) =>
        security.Clock.CreateTimer(_ => act(connection), null, due < LongestTimer ? due : LongestTimer, Timeout.InfiniteTimeSpan);

    [LoggerMessage(1520, LogLevel.Error, "{Identity} has no certificate, so its connections are refused.")]
    private partial void NoCredential(string identity, Exception exception);

    [LoggerMessage(1521, LogLevel.Warning, "A connection asked for '{ServerName}', which is not here; here are {Names}.")]
    private partial void NotHere(string serverName, string names);
}
