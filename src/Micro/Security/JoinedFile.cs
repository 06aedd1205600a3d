using System.Security.Cryptography;
using System.Text.Json;

namespace Micro.Security;

/// <summary>
/// What one service that joined keeps, so that a restart needs no new token: <c>&lt;directory&gt;/&lt;trust domain&gt;/&lt;namespace&gt;/&lt;service&gt;.identity</c> with
/// leaf, key and bundle, and a lock beside it. Mode 0600 in directories of 0700. Processes that share a home may share it; each renews for itself. Thread-safe.
/// </summary>
internal sealed class JoinedFile
{
    private const string Kind = "micro-identity";
    private const int Version = 1;

    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(60);

    private readonly string _directory;
    private readonly ServiceIdentity _identity;
    private readonly string[] _parents;

    /// <param name="directory">Where the identities of a home are; made when something is kept.</param>
    /// <param name="identity">A service. Its parts are segments of a SPIFFE id, none of which can lead out of a directory.</param>
    public JoinedFile(string directory, ServiceIdentity identity)
    {
        _identity = identity;
        var domain = System.IO.Path.Combine(directory, identity.TrustDomain);
        _directory = System.IO.Path.Combine(domain, identity.Namespace!);
        _parents = [directory, domain, _directory];
        Path = System.IO.Path.Combine(_directory, $"{identity.Service}.identity");
    }

    public string Path { get; }

    /// <summary>Taken by whoever joins, so that processes that start at once use a token once.</summary>
    /// <exception cref="CredentialException">The directory cannot be used, or another process holds the lock for longer than a join takes.</exception>
    public FileLock Lock(CancellationToken cancellationToken)
    {
        OpenDirectories();
        return FileLock.Take(System.IO.Path.Combine(_directory, $"{_identity.Service}.lock"), LockPatience, cancellationToken);
    }

    /// <summary>Null when nothing is kept.</summary>
    /// <exception cref="CredentialException">It cannot be read or used.</exception>
    public JoinedCredential? Read(IPeerAuthenticator authenticator, DateTimeOffset now)
    {
        if (!File.Exists(Path))
        {
            return null;
        }

        OpenDirectories();
        var file = SecretFile.Read(Path);
        JoinedJson? json = null;
        try
        {
            json = JsonSerializer.Deserialize(VersionedFile.Open(Path, Kind, Version, file).Span, AuthorityMessagesJson.Default.JoinedJson) ?? throw new JsonException("It is null.");
            using var key = ECDsa.Create();
            key.ImportPkcs8PrivateKey(json.Key, out _);
            return IsOver(json, now) ? null : JoinedCredential.Create(_identity, new AuthorityLeaf(json.Chain, json.Bundle), key, json.IssuedAt, authenticator);
        }
        catch (Exception e) when (e is JsonException or CryptographicException)
        {
            // Without the cause: what it quotes is not ours to know.
            throw SecretFile.Refuse("file", Path, $"cannot be understood ({e.GetType().Name}); remove it and join again");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(file);
            CryptographicOperations.ZeroMemory(json?.Key);
        }
    }

    /// <exception cref="CredentialException">It cannot be written.</exception>
    public void Write(JoinedCredential credential)
    {
        OpenDirectories();
        using var key = System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(credential.Leaf)!;
        var pkcs8 = key.ExportPkcs8PrivateKey();
        byte[] json = [], file = [];
        try
        {
            json = JsonSerializer.SerializeToUtf8Bytes(
                new JoinedJson(credential.IssuedAt, [.. credential.Chain.Select(one => one.RawData)], pkcs8, credential.Bundle), AuthorityMessagesJson.Default.JoinedJson);
            file = VersionedFile.Frame(Kind, Version, json);
            SecretFile.Write(Path, file, replace: true);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
            CryptographicOperations.ZeroMemory(json);
            CryptographicOperations.ZeroMemory(file);
        }
    }

    // Not an error: the machine was off for longer than the leaf lived, and a token makes a new one.
    private static bool IsOver(JoinedJson json, DateTimeOffset now)
    {
        using var leaf = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificate(json.Chain.FirstOrDefault() ?? []);
        return leaf.NotAfter.ToUniversalTime() <= now.UtcDateTime;
    }

    private void OpenDirectories()
    {
        foreach (var directory in _parents)
        {
            SecretFile.OpenDirectory(directory);
        }
    }
}
