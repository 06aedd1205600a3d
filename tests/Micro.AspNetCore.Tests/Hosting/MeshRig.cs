using Micro.AspNetCore.Tests.Support;
using Micro.Testing.Transport;
using Micro.Transport;

namespace Micro.AspNetCore.Tests.Hosting;

/// <summary>Both halves of a transport over TLS with a certificate on both sides.</summary>
internal sealed class MeshRig(TestServer server, TestMesh mesh, IClientTransport client, Uri address) : TransportRig
{
    public override Uri Address => address;

    public override IClientTransport Client => client;

    public override ConnectionTarget Target { get; } = mesh.Target("conformance");

    public static async ValueTask<MeshRig> StartAsync(ICallAcceptor acceptor, IClientTransport client, string? listen = null)
    {
        var mesh = new TestMesh();
        var server = await TestServer.StartAsync(
            acceptor, builder => mesh.AddTo(builder.Services, "conformance"), options: options => options.Listen.Add(listen ?? "grpc://127.0.0.1:0"), insecure: false);
        return new MeshRig(server, mesh, client, server.Addresses.First(address => MicroAddress.Transport(address) == client.Scheme));
    }

    public override ValueTask StopAsync() => server.StopAsync();

    public override ValueTask DisposeAsync() => server.DisposeAsync();
}
