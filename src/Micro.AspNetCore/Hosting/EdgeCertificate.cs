using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Micro.Security;
using Microsoft.Extensions.Logging;

namespace Micro.AspNetCore.Hosting;

/// <summary>
/// The certificate of the edge from PEM files that somebody else renews, e.g. an ACME client. Looked at again with a handshake, at most once a second; what cannot be used
/// keeps the last good one. Thread-safe.
/// </summary>
internal sealed partial class EdgeCertificate
{
    private readonly string _certificate;
    private readonly string _key;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Lock _reading = new();
    private volatile SslStreamCertificateContext _current;
    private (DateTime, DateTime) _seen;
    private long _lookedAt;

    /// <exception cref="CredentialException">The files cannot be used.</exception>
    public EdgeCertificate(string certificate, string key, TimeProvider clock, ILogger logger)
    {
        _certificate = Path.GetFullPath(certificate);
        _key = Path.GetFullPath(key);
        _clock = clock;
        _logger = logger;
        _seen = Stamp();
        _lookedAt = clock.GetTimestamp();
        _current = Read();
    }

    public SslStreamCertificateContext Current
    {
        get
        {
            if (_clock.GetElapsedTime(Volatile.Read(ref _lookedAt)) >= TimeSpan.FromSeconds(1))
            {
                Look();
            }

            return _current;
        }
    }

    private void Look()
    {
        lock (_reading)
        {
            Volatile.Write(ref _lookedAt, _clock.GetTimestamp());
            try
            {
                var stamp = Stamp();
                if (stamp == _seen)
                {
                    return;
                }

                // Only once read is it seen: a file caught half-way is looked at again.
                _current = Read();
                _seen = stamp;
                Renewed(_certificate);
            }
            catch (Exception failure) when (failure is CredentialException or IOException or UnauthorizedAccessException)
            {
                Kept(failure.Message);
            }
        }
    }

    private (DateTime Certificate, DateTime Key) Stamp() => (File.GetLastWriteTimeUtc(_certificate), File.GetLastWriteTimeUtc(_key));

    private SslStreamCertificateContext Read()
    {
        var chain = PemMaterial.Certificates(_certificate, SecretFile.ReadMounted(_certificate));
        var key = SecretFile.ReadMountedKey(_key, allowGroup: false);
        try
        {
            // Offline: nothing is fetched to complete a chain.
            return SslStreamCertificateContext.Create(
                PemMaterial.WithKey(chain[0], _certificate, _key, key), new X509Certificate2Collection(chain[1..]), offline: true);
        }
        finally
        {
            Array.Clear(key);
        }
    }

    [LoggerMessage(1523, LogLevel.Information, "The edge has a new certificate from {Path}.")]
    private partial void Renewed(string path);

    [LoggerMessage(1524, LogLevel.Error, "The new certificate of the edge cannot be used; the last good one is kept: {Reason}")]
    private partial void Kept(string reason);
}
