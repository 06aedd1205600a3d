using Micro.Transport;

namespace Micro.AspNetCore.Hosting;

/// <summary>Reads one entry of <c>Micro:Advertise</c> against the addresses that were bound.</summary>
internal static class AdvertisedAddress
{
    /// <exception cref="MicroAddressException">It is no address, or there is no port to complete it with.</exception>
    public static IEnumerable<Uri> Resolve(string text, IReadOnlyList<Uri> bound)
    {
        if (!text.Contains("://", StringComparison.Ordinal))
        {
            return bound.Where(address => !MicroAddress.IsUnixSocket(address)).Select(address => With(address, text)).ToList();
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri))
        {
            throw new MicroAddressException(null, $"'{text}' of Micro:Advertise is not an address");
        }

        if (uri.Port > 0 || MicroAddress.IsUnixSocket(uri))
        {
            return [uri];
        }

        var listener = bound.FirstOrDefault(address => MicroAddress.Transport(address) == MicroAddress.Transport(uri) && address.Port > 0)
            ?? throw new MicroAddressException(uri, "of Micro:Advertise has no port, and nothing of its scheme is listened on");
        return [MicroAddress.Tcp(MicroAddress.Transport(uri), uri.Host, listener.Port, MicroAddress.IsInsecure(uri))];
    }

    private static Uri With(Uri bound, string host)
    {
        try
        {
            return MicroAddress.Tcp(MicroAddress.Transport(bound), host, bound.Port, MicroAddress.IsInsecure(bound));
        }
        catch (UriFormatException e)
        {
            throw new MicroAddressException(null, $"'{host}' of Micro:Advertise is not a host name", e);
        }
    }
}
