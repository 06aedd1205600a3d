using System.Net;
using Micro.AspNetCore.Tests.Support;
using Micro.Grpc;
using Micro.Testing.Transport;
using Micro.Transport;
using Microsoft.Extensions.Options;

namespace Micro.AspNetCore.Tests.Grpc;

/// <summary>Both halves of the grpc transport, and a hostile client on a socket.</summary>
internal sealed class GrpcRig(TestServer server, Uri address) : TransportRig
{
    public override Uri Address => address;

    public override IClientTransport Client { get; } = new GrpcClientTransport(Options.Create(new GrpcClientOptions()));

    public override Uri? SocketAddress(IPEndPoint endPoint) => MicroAddress.Tcp("grpc", endPoint.Address.ToString(), endPoint.Port, insecure: true);

    public override async ValueTask<HostileOutcome?> SendHostileAsync(HostileInput input, CancellationToken cancellationToken)
    {
        await using var raw = await RawHttp2.ConnectAsync(address, cancellationToken);
        (string, string)[] headers = input switch
        {
            HostileInput.MalformedTimeout => [("grpc-timeout", "soon")],
            HostileInput.MalformedBinaryHeader => [("x-data-bin", "%%%")],
            HostileInput.UnknownEncoding => [("grpc-encoding", "brotli-of-its-own")],
            HostileInput.HugeHeader => [("x-huge", new string('x', 1024 * 1024))],
            _ => [],
        };
        var message = input switch
        {
            HostileInput.LyingLength => RawHttp2.Message("\"x\""u8.ToArray(), uint.MaxValue),
            HostileInput.TruncatedMessage => RawHttp2.Message("\"x\""u8.ToArray(), 100),
            HostileInput.UnknownEncoding => RawHttp2.Message("\"x\""u8.ToArray(), flag: 1),
            _ => RawHttp2.Message("\"x\""u8.ToArray()),
        };
        try
        {
            await raw.SendHeadersAsync(1, RawHttp2.Request(ScriptedAcceptor.Unary.Path, headers), end: false, cancellationToken);
            await raw.SendAsync(RawHttp2.Data, (byte)(input == HostileInput.LyingLength ? 0 : 1), 1, message, cancellationToken);
            return new HostileOutcome((await raw.OutcomeAsync(1, cancellationToken)).Code);
        }
        catch (IOException)
        {
            // The server closed the socket before it had everything.
            return new HostileOutcome(null);
        }
    }

    public override ValueTask StopAsync() => server.StopAsync();

    public override ValueTask DisposeAsync() => server.DisposeAsync();
}
