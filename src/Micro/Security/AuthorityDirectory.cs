using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Micro.Internal;

namespace Micro.Security;

/// <summary>
/// The local authority's files: <c>authority.bundle</c> with roots and revocations, <c>root-&lt;fingerprint&gt;.key</c> with the private key of each root that
/// may sign, <c>lock</c>. Any number of processes read; one at a time writes, holding the lock. A key is on the disk before the bundle names it, and the bundle
/// is replaced as a whole, so that a process that dies half way leaves nothing but files which the next writer removes. Thread-safe.
/// </summary>
internal sealed class AuthorityDirectory
{
    public const string BundleName = "authority.bundle";

    private const string BundleKind = "micro-authority";
    private const string KeyKind = "micro-authority-key";
    private const int Version = 1;

    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(10);

    private readonly string _trustDomain;
    private readonly TimeProvider _time;

    public AuthorityDirectory(string path, string trustDomain, TimeProvider time)
    {
        Path = path;
        BundlePath = System.IO.Path.Combine(path, BundleName);
        _trustDomain = trustDomain;
        _time = time;
    }

    public string Path { get; }

    public string BundlePath { get; }

    private string LockPath => System.IO.Path.Combine(Path, "lock");

    /// <summary>Tells whether the bundle was written since.</summary>
    public FileStatus Status() => FileStatus.Of(BundlePath, followLinks: false);

    /// <summary>Reads the bundle, after making it if there is none. Of many that do so at once, all read the same one.</summary>
    /// <exception cref="CredentialException">It cannot be read, made or used.</exception>
    public AuthorityState Open(Func<AuthorityRoot> firstRoot)
    {
        SecretFile.OpenDirectory(Path);
        if (!Status().Exists)
        {
            using var taken = FileLock.Take(LockPath, LockPatience, CancellationToken.None);
            if (!Status().Exists)
            {
                Sweep([]);
                Write(new AuthorityState(_trustDomain, 1, [firstRoot()]), replace: false);
            }
        }

        return Read(known: null);
    }

    /// <summary>Reads the bundle.</summary>
    /// <param name="known">What was read before; its keys are not read again.</param>
    /// <exception cref="CredentialException">It cannot be read or used.</exception>
    public AuthorityState Read(AuthorityState? known)
    {
        for (var attempt = 1; ; attempt++)
        {
            var status = Status();
            try
            {
                return ReadOnce(known);
            }
            catch (CredentialException) when (attempt < 5 && Status() != status)
            {
                // Somebody wrote between the bundle and a key of it.
            }
        }
    }

    /// <summary>Changes the bundle.</summary>
    /// <param name="change">Gets what is there; null leaves it.</param>
    /// <param name="waits">Whether to wait for another writer; false changes nothing when there is one.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="CredentialException">It cannot be read or written; then it is unchanged, or changed and perhaps not on the disk.</exception>
    public void Update(Func<AuthorityState, AuthorityState?> change, bool waits, CancellationToken cancellationToken)
    {
        SecretFile.OpenDirectory(Path);
        using var taken = waits ? FileLock.Take(LockPath, LockPatience, cancellationToken) : FileLock.TryTake(LockPath);
        if (taken is not null && change(Read(known: null)) is { } changed)
        {
            Write(changed, replace: true);
            Sweep(changed.Roots);
        }
    }

    private static string KeyName(string fingerprint) => $"root-{fingerprint[..32]}.key";

    private AuthorityState ReadOnce(AuthorityState? known)
    {
        var content = VersionedFile.Open(BundlePath, BundleKind, Version, SecretFile.Read(BundlePath));
        try
        {
            var json = JsonSerializer.Deserialize(content.Span, SecurityJson.Default.AuthorityJson) ?? throw new JsonException("It is null.");
            if (json.TrustDomain != _trustDomain)
            {
                throw SecretFile.Refuse("file", BundlePath, $"is the authority of trust domain '{json.TrustDomain}', and '{_trustDomain}' is configured; change Micro:Security:TrustDomain, or choose another directory (Micro:Security:Local:Directory)");
            }

            ImmutableArray<AuthorityRoot> roots = [.. json.Roots.Select(ToRoot)];
            if (roots.IsEmpty)
            {
                throw new JsonException("It has no root.");
            }

            var state = new AuthorityState(json.TrustDomain, json.Sequence, roots);
            var signer = roots.IndexOf(state.SignerAt(_time.GetUtcNow()));
            return new AuthorityState(json.TrustDomain, json.Sequence, [.. roots.Select((root, i) => i < signer ? root : WithKey(root, known))])
            {
                Revoked = [.. json.Revoked.Select(ServiceIdentity.Parse)],
                RevokedSerials = [.. json.RevokedSerials],
                ReplacesAll = json.ReplacesAll,
            };
        }
        catch (Exception exception) when (exception is JsonException or CryptographicException or FormatException or ArgumentException)
        {
            throw SecretFile.Refuse("file", BundlePath, $"cannot be understood: {exception.Message.TrimEnd('.')}; restore it from a copy, or move it away to begin anew", exception);
        }
    }

    private AuthorityRoot ToRoot(AuthorityJson.Root json)
    {
        var certificate = X509CertificateLoader.LoadCertificate(json.Certificate);
        return SpiffeNames.Read(certificate) == $"spiffe://{_trustDomain}"
            ? new AuthorityRoot(certificate, json.SignsFrom, json.TrustedUntil)
            : throw new FormatException("A root is of another trust domain.");
    }

    private AuthorityRoot WithKey(AuthorityRoot root, AuthorityState? known)
    {
        if (known?.Roots.FirstOrDefault(one => one.Fingerprint == root.Fingerprint && one.Certificate.HasPrivateKey) is { } same)
        {
            return root with { Certificate = same.Certificate };
        }

        var path = System.IO.Path.Combine(Path, KeyName(root.Fingerprint));
        var bytes = SecretFile.Read(path);
        char[] pem = [];
        try
        {
            pem = Encoding.ASCII.GetChars(VersionedFile.Open(path, KeyKind, Version, bytes).ToArray());
            using var key = ECDsa.Create();
            key.ImportFromPem(pem);
            return root with { Certificate = root.Certificate.CopyWithPrivateKey(key) };
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            // Without the cause: what it quotes is not ours to know.
            throw SecretFile.Refuse("key file", path, $"is not the key of its root ({exception.GetType().Name}); restore it from a copy, or replace the root");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            Array.Clear(pem);
        }
    }

    // Holding the lock.
    private void Write(AuthorityState state, bool replace)
    {
        foreach (var root in state.Roots)
        {
            var path = System.IO.Path.Combine(Path, KeyName(root.Fingerprint));
            if (root.Certificate.HasPrivateKey && !File.Exists(path))
            {
                WriteKey(path, root.Certificate);
            }
        }

        var json = new AuthorityJson
        {
            Sequence = state.Sequence,
            TrustDomain = state.TrustDomain,
            ReplacesAll = state.ReplacesAll,
            Roots = [.. state.Roots.Select(root => new AuthorityJson.Root(root.Certificate.RawData, root.SignsFrom, root.TrustedUntil))],
            Revoked = [.. state.Revoked.Select(identity => identity.ToString())],
            RevokedSerials = state.RevokedSerials,
        };
        SecretFile.Write(BundlePath, VersionedFile.Frame(BundleKind, Version, JsonSerializer.SerializeToUtf8Bytes(json, SecurityJson.Default.AuthorityJson)), replace);
    }

    private static void WriteKey(string path, X509Certificate2 root)
    {
        using var key = root.GetECDsaPrivateKey()!;
        var pem = Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem());
        var file = VersionedFile.Frame(KeyKind, Version, pem);
        try
        {
            SecretFile.Write(path, file, replace: false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pem);
            CryptographicOperations.ZeroMemory(file);
        }
    }

    // Holding the lock, so that what no bundle names is nobody's work in progress. Keys that sign no more go with it.
    private void Sweep(ImmutableArray<AuthorityRoot> roots)
    {
        var kept = roots.Select(root => KeyName(root.Fingerprint)).ToHashSet();
        foreach (var path in Directory.EnumerateFiles(Path))
        {
            var name = System.IO.Path.GetFileName(path);
            if (SecretFile.IsTemporary(name) || (name.StartsWith("root-", StringComparison.Ordinal) && !kept.Contains(name)))
            {
                File.Delete(path);
            }
        }
    }
}
