using Micro.Transport;
using Microsoft.Extensions.Options;

namespace Micro.Grpc;

/// <summary>The client half of the grpc transport, over Grpc.Net.Client.</summary>
internal sealed class GrpcClientTransport(IOptions<GrpcClientOptions> options) : IClientTransport
{
    private readonly GrpcMethods _methods = new();

    public string Scheme => "grpc";

    public IClientConnection Connect(Uri address, ConnectionTarget target)
    {
        if (!MicroAddress.IsInsecure(address) && !target.IsSecure)
        {
            throw new MicroAddressException(address, "means TLS, and there is no identity to make it with");
        }

        if (!MicroAddress.IsUnixSocket(address) && address.Port is < 1 or > 65535)
        {
            throw new MicroAddressException(address, "has no port from 1 to 65535");
        }

        return new GrpcConnection(address, target, _methods, options.Value);
    }
}
