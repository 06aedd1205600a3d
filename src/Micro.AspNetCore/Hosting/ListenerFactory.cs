using System.Net;
using System.Net.Sockets;
using Micro.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Micro.AspNetCore.Hosting;

/// <summary>Binds the sockets of <c>Micro:Listen</c>, so that what goes wrong names the address and says what to change. The host's own are not its business.</summary>
internal sealed class ListenerFactory(KestrelServerTransport transport, IOptions<SocketTransportOptions> options, ILoggerFactory loggers)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly SocketTransportFactory _sockets = new(options, loggers);

    public bool CanBind(EndPoint endpoint) => transport.Find(endpoint) is not null;

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var address = transport.Find(endpoint)!.Uri;
        try
        {
            if (endpoint is UnixDomainSocketEndPoint)
            {
                await RemoveStaleAsync(endpoint, cancellationToken);
            }

            var listener = await _sockets.BindAsync(endpoint, cancellationToken);
            if (endpoint is UnixDomainSocketEndPoint && !OperatingSystem.IsWindows())
            {
                // Who may connect is who may write to the file: the owner alone.
                File.SetUnixFileMode(endpoint.ToString()!, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            return listener;
        }
        catch (AddressInUseException e)
        {
            throw new MicroAddressException(address, "of Micro:Listen is in use by another process; choose another port, or 0 for any", e);
        }
        catch (SocketException e)
        {
            throw new MicroAddressException(address, $"of Micro:Listen cannot be opened: {e.Message}", e);
        }
    }

    /// <summary>A process that was killed leaves the file of its socket behind; nobody answers there.</summary>
    private static async ValueTask RemoveStaleAsync(EndPoint endpoint, CancellationToken cancellationToken)
    {
        var path = endpoint.ToString()!;
        if (!File.Exists(path))
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await probe.ConnectAsync(endpoint, cancellationToken);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
        }
    }
}
