using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Micro.Peers;

/// <summary>
/// Mutual TLS for the raw kinds: a root and a leaf for each side, of the same keys (EC P-256) that Micro's authority makes, in files of the home that server and client
/// share, and the check of the chain that the platform's documentation shows.
/// </summary>
internal static class PeerCertificates
{
    private static string Home => Environment.GetEnvironmentVariable("MICRO_HOME") ?? throw new InvalidOperationException("--mtls needs MICRO_HOME.");

    /// <summary>Writes root and leaves; the server does it before it listens.</summary>
    public static void Create()
    {
        Directory.CreateDirectory(Home);
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=peers", rootKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Of("root.pem"), root.ExportCertificatePem());
        foreach (var name in new[] { "server", "client" })
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var leaf = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("localhost");
            leaf.CertificateExtensions.Add(names.Build());
            using var signed = leaf.Create(root, root.NotBefore, root.NotAfter, RandomNumberGenerator.GetBytes(16));
            File.WriteAllText(Of(name + ".pem"), signed.ExportCertificatePem());
            File.WriteAllText(Of(name + ".key"), key.ExportPkcs8PrivateKeyPem());
        }
    }

    public static void UseServer(ListenOptions listen)
    {
        var roots = Roots();
        listen.UseHttps(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = Load("server"),
            ClientCertificateMode = ClientCertificateMode.RequireCertificate,
            ClientCertificateValidation = (certificate, _, _) => IsTrusted(certificate, roots),
            SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        });
    }

    public static SslClientAuthenticationOptions Client()
    {
        var roots = Roots();
        return new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ClientCertificates = [Load("client")],
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == 0 && certificate is X509Certificate2 leaf && IsTrusted(leaf, roots),
        };
    }

    private static bool IsTrusted(X509Certificate2 certificate, X509Certificate2Collection roots)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    private static X509Certificate2Collection Roots()
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(Of("root.pem"));
        return roots;
    }

    private static X509Certificate2 Load(string name) => X509Certificate2.CreateFromPemFile(Of(name + ".pem"), Of(name + ".key"));

    private static string Of(string file) => Path.Combine(Home, "peers-" + file);
}
