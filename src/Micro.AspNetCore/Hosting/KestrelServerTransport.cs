using System.Net;
using Micro.AspNetCore.Authority;
using Micro.Security;
using Micro.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Micro.AspNetCore.Hosting;

/// <summary>
/// The server half of grpc and http on the host's Kestrel. The web server starts by itself; calls are taken from <see cref="ListenAsync"/> until the listener is
/// disposed, and refused as not processed before and after.
/// </summary>
internal sealed partial class KestrelServerTransport(
    IServiceProvider services,
    IConfiguration configuration,
    IOptions<MicroServerOptions> options,
    IOptions<MicroSecurityOptions> security,
    ServedServices served,
    ILogger<KestrelServerTransport> logger) : IServerTransport
{
    /// <summary>Where a connection keeps the text of its peer's address, made once.</summary>
    public static readonly object RemoteAddressKey = new();

    private readonly List<ListenAddress> _addresses = [];
    private readonly List<ListenAddress> _edges = [];
    private volatile ICallAcceptor? _acceptor;
    private bool _prepared;
    private bool? _isKestrel;

    /// <summary>Where calls go; null while none are taken.</summary>
    public ICallAcceptor? Acceptor => _acceptor;

    public bool AllowsPlaintext => security.Value.Insecure;

    /// <summary>
    /// Whether calls are taken over a request's connection. Of Kestrel's the connection says whether it is TLS; the scheme of the request is what headers of a proxy made of it,
    /// or of whoever says to be one.
    /// </summary>
    public bool IsOpenTo(HttpContext context) =>
        AllowsPlaintext || (IsKestrel && !HttpProtocol.IsHttp3(context.Request.Protocol) ? context.Features.Get<ITlsHandshakeFeature>() is not null : context.Request.IsHttps);

    /// <summary>The address of <c>Micro:Listen</c> or <c>Micro:Edge:Listen</c> an end point belongs to.</summary>
    public ListenAddress? Find(EndPoint endPoint) => _addresses.Concat(_edges).FirstOrDefault(address => ReferenceEquals(address.EndPoint, endPoint));

    /// <summary>Adds the listeners to Kestrel. Called while the host builds its request pipeline: its URLs are known by then, and nothing is bound yet.</summary>
    /// <exception cref="MicroAddressException">An address cannot be used.</exception>
    public void Prepare(IApplicationBuilder app)
    {
        _prepared = true;
        var urls = app.ServerFeatures.Get<IServerAddressesFeature>();
        if (!IsKestrel)
        {
            return;
        }

        var kestrel = services.GetRequiredService<IOptions<KestrelServerOptions>>().Value;
        var hosts = UsesHostEndpoints(urls);
        PrepareEdge(kestrel, urls);
        if (!hosts)
        {
            OpenOwn(kestrel, urls);
        }

        if (services.GetService<JoinListener>() is { IsConfigured: true } join)
        {
            HostUrls.Keep(urls, kestrel);
            join.Open(kestrel);
        }
    }

    public ValueTask<IServerListener> ListenAsync(ICallAcceptor acceptor, CancellationToken cancellationToken)
    {
        if (!_prepared)
        {
            throw new InvalidOperationException(
                "AddServer() needs a web server that has started: use WebApplication.CreateBuilder or CreateSlimBuilder, or remove AddServer().");
        }

        if (_addresses.Find(address => !address.IsOpen) is { } closed)
        {
            throw new MicroAddressException(closed.Uri, "of Micro:Listen is not open: the web server has not started");
        }

        var advertised = Advertised();
        if (_acceptor is not null)
        {
            throw new InvalidOperationException("The web server takes calls already.");
        }

        if (AllowsPlaintext)
        {
            PlaintextAllowed();
        }

        _acceptor = acceptor;
        return new(new Listener(this, advertised));
    }

    private static readonly string[] MeshDefaults = ["grpc://127.0.0.1:0"];
    private static readonly string[] PlaintextDefaults = ["grpc+insecure://127.0.0.1:0", "http+insecure://127.0.0.1:0"];

    private bool IsKestrel => _isKestrel ??= services.GetRequiredService<IServer>().GetType().Assembly == typeof(KestrelServerOptions).Assembly;

    private bool UsesHostEndpoints(IServerAddressesFeature? urls)
    {
        var listen = options.Value.Listen;
        return listen.Count > 0
            ? listen.All(text => text == "host")
            : AllowsPlaintext && (configuration.GetSection("Kestrel:Endpoints").GetChildren().Any()
                || (urls is not null && urls.Addresses.Any(url => url.StartsWith("https:", StringComparison.OrdinalIgnoreCase))));
    }

    private void OpenOwn(KestrelServerOptions kestrel, IServerAddressesFeature? urls)
    {
        var wanted = options.Value.Listen.Where(text => text != "host").ToList();
        _addresses.AddRange((wanted.Count > 0 ? wanted : [.. AllowsPlaintext ? PlaintextDefaults : MeshDefaults]).Select(text => ListenAddress.Parse(text)));
        foreach (var address in _addresses)
        {
            Check(address);
        }

        HostUrls.Keep(urls, kestrel);
        var mesh = _addresses.Exists(address => address.IsSecure) ? Mesh() : null;
        foreach (var address in _addresses)
        {
            Open(kestrel, address, address.IsSecure ? mesh!.Use : null);
        }
    }

    private void Check(ListenAddress address)
    {
        if (!address.IsSecure && !AllowsPlaintext)
        {
            throw new MicroAddressException(
                address.Uri,
                "is plaintext, which is off. Leave +insecure out for TLS, or set Micro:Security:Insecure=true (environment Micro__Security__Insecure=true) on one machine and for tests");
        }

        if (address.IsWildcard && options.Value.Advertise.Count == 0)
        {
            throw new MicroAddressException(address.Uri, "is a wildcard, which peers cannot call; set Micro:Advertise to the name or address they can reach");
        }
    }

    /// <summary>Listeners that are never registered, for callers without a certificate.</summary>
    private void PrepareEdge(KestrelServerOptions kestrel, IServerAddressesFeature? urls)
    {
        _edges.AddRange(options.Value.Edge.Select(text => ListenAddress.Parse(text, "Micro:Edge:Listen")));
        if (_edges.Count == 0)
        {
            return;
        }

        if (_edges.Find(address => !address.IsSecure) is { } plaintext)
        {
            throw new MicroAddressException(plaintext.Uri, "of Micro:Edge:Listen is plaintext, and the edge is TLS; leave +insecure out");
        }

        var peers = services.GetRequiredService<PeerSecurity>();
        var certificate = options.Value is { EdgeCertificate: { } file, EdgeKey: { } key }
            ? new EdgeCertificate(file, key, services.GetRequiredService<TimeProvider>(), logger)
            : null;
        var edge = new EdgeTls(certificate, peers, served.Identities(peers)[0]);
        HostUrls.Keep(urls, kestrel);
        foreach (var address in _edges)
        {
            Open(kestrel, address, edge.Use);
        }
    }

    private MeshTls Mesh() => new(services.GetRequiredService<PeerSecurity>(), served.Identities(services.GetRequiredService<PeerSecurity>()), logger);

    private static void Open(KestrelServerOptions kestrel, ListenAddress address, Action<ListenOptions>? secure)
    {
        void Configure(ListenOptions listen)
        {
            listen.Protocols = address.Protocols;
            listen.Use(next => connection =>
            {
                connection.Items[RemoteAddressKey] = connection.RemoteEndPoint is IPEndPoint peer ? peer.ToString() : "unix";
                return next(connection);
            });
            secure?.Invoke(listen);
            address.Opened = listen;
        }

        kestrel.Listen(address.EndPoint, Configure);
    }

    private IReadOnlyList<Uri> Advertised()
    {
        var bound = _addresses.Count > 0 ? _addresses.SelectMany(address => address.Bound()).ToList() : FromHost();
        var advertised = options.Value.Advertise.Count == 0 ? bound : options.Value.Advertise.SelectMany(text => AdvertisedAddress.Resolve(text, bound)).ToList();
        if (advertised.Count == 0 && IsKestrel)
        {
            throw new MicroAddressException(
                null, "of no endpoint of the host can be used for calls: https endpoints serve grpc and http; plaintext ones http only, and only with Micro:Security:Insecure=true. Set Micro:Listen, or Micro:Advertise");
        }

        foreach (var address in advertised)
        {
            MicroAddress.CheckAdvertised(address);
        }

        // grpc before http, else as configured.
        return [.. advertised.OrderBy(address => MicroAddress.Transport(address) == "grpc" ? 0 : 1)];
    }

    private List<Uri> FromHost()
    {
        var found = new List<Uri>();
        foreach (var url in services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
        {
            var binding = Microsoft.AspNetCore.Http.BindingAddress.Parse(url);
            if (binding.IsUnixPipe)
            {
                continue;
            }

            if (binding.Scheme == "https")
            {
                // By ALPN one port serves both.
                found.Add(MicroAddress.Tcp("grpc", binding.Host, binding.Port, insecure: false));
                found.Add(MicroAddress.Tcp("http", binding.Host, binding.Port, insecure: false));
            }
            else if (AllowsPlaintext)
            {
                found.Add(MicroAddress.Tcp("http", binding.Host, binding.Port, insecure: true));
            }
        }

        return found;
    }

    private sealed class Listener(KestrelServerTransport transport, IReadOnlyList<Uri> addresses) : IServerListener
    {
        private int _disposed;

        public IReadOnlyList<Uri> Addresses { get; } = addresses;

        public ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                transport._acceptor = null;
            }

            return ValueTask.CompletedTask;
        }
    }
}
