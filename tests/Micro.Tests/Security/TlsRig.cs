using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Micro.Security;
using Micro.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Micro.Tests.Security;

/// <summary>Both ends of a TCP connection on this machine, and what became of the handshake over it.</summary>
internal sealed class TlsRig : IPeerAuthenticator, IDisposable
{
    public static readonly IReadOnlyList<SslApplicationProtocol> Http2 = [SslApplicationProtocol.Http2];

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly SvidValidator _validator;
    private int _judged;

    public TlsRig()
    {
        Time = new FakeTimeProvider(CertificateDesign.Now);
        _validator = new SvidValidator(Time);
        Tls = new MutualTls(this, Time);
        Root = CertificateDesign.Authority.Sign();
        _listener.Start();
    }

    public FakeTimeProvider Time { get; }

    public MutualTls Tls { get; }

    public ForgedCertificate Root { get; }

    /// <summary>How often anyone was judged, on either side.</summary>
    public int Judged => Volatile.Read(ref _judged);

    /// <summary>Thrown in place of a verdict.</summary>
    public Exception? Failure { get; set; }

    public PeerIdentity Authenticate(PeerEvidence evidence)
    {
        Interlocked.Increment(ref _judged);
        return Failure is null ? _validator.Authenticate(evidence) : throw Failure;
    }

    public ServiceCredential Credential(string service, ForgedCertificate? issuer = null, params ForgedCertificate[] intermediates)
    {
        var identity = ServiceIdentity.Create(SvidRig.Domain, "default", service);
        return Credential(new CertificateDesign().WithId(identity.ToString()).Sign(issuer ?? Root), intermediates);
    }

    /// <summary>A credential with any leaf; it says it is the greeter's.</summary>
    public ServiceCredential Credential(ForgedCertificate leaf, params ForgedCertificate[] intermediates) => new(
        ServiceIdentity.Parse(CertificateDesign.Id),
        leaf.Certificate,
        [.. intermediates.Select(one => X509CertificateLoader.LoadCertificate(one.Certificate.RawData))],
        SvidRig.TrustBundle(Root),
        CancellationToken.None);

    public async Task<(Stream Client, Stream Server)> ConnectAsync()
    {
        var client = new TcpClient();
        var accepting = _listener.AcceptTcpClientAsync();
        await client.ConnectAsync((IPEndPoint)_listener.LocalEndpoint);
        return (client.GetStream(), (await accepting).GetStream());
    }

    /// <summary>A handshake, and a byte each way when it came to that.</summary>
    public async Task<TlsOutcome> HandshakeAsync(ServiceCredential client, ServiceCredential server, string expected = "greeter")
    {
        var record = new PeerRecord();
        var options = Tls.ClientOptions(client, ServiceIdentity.Create(SvidRig.Domain, "default", expected), record, Http2);
        return await HandshakeAsync(options, _ => server) with { ServerAsSeen = record.Peer };
    }

    public async Task<TlsOutcome> HandshakeAsync(SslClientAuthenticationOptions options, CredentialSelector select)
    {
        var record = new PeerRecord();
        var (near, far) = await ConnectAsync();
        var accepting = AcceptAsync(far, select, record);
        Exception? failure = null;
        try
        {
            await using var client = new SslStream(near);
            await client.AuthenticateAsClientAsync(options, TestContext.Current.CancellationToken);
            await client.WriteAsync(new byte[] { 1 }, TestContext.Current.CancellationToken);
            Assert.Equal(1, await client.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        }
        catch (Exception thrown) when (thrown is not Xunit.Sdk.XunitException)
        {
            failure = thrown;
        }

        return new TlsOutcome(failure, await accepting, record.Peer, PeerIdentity.Refused("not looked at"));
    }

    public void Dispose() => _listener.Dispose();

    private async Task<Exception?> AcceptAsync(Stream stream, CredentialSelector select, PeerRecord record)
    {
        try
        {
            await using var server = await Tls.AcceptAsync(stream, select, record, Http2, TestContext.Current.CancellationToken);
            await server.ReadExactlyAsync(new byte[1], TestContext.Current.CancellationToken);
            await server.WriteAsync(new byte[] { 2 }, TestContext.Current.CancellationToken);
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }
}

/// <param name="ClientFailure">Why the client gave up; null when it has sent and read.</param>
/// <param name="ServerFailure">The same of the server.</param>
/// <param name="ClientAsSeen">Who the client is, to the server.</param>
/// <param name="ServerAsSeen">Who the server is, to the client.</param>
internal sealed record TlsOutcome(Exception? ClientFailure, Exception? ServerFailure, PeerIdentity ClientAsSeen, PeerIdentity ServerAsSeen);
