using System.Security.Cryptography;
using System.Text.Json;

namespace Micro.Security;

/// <summary>
/// One-time tokens by which a new service proves to the authority who it is, before it has a leaf. Each is bound to one identity and a time; only a hash of it is
/// kept, one file a token in the authority's directory. Whichever process renames the file first has redeemed it. Thread-safe, in any number of processes.
/// </summary>
internal sealed class JoinTokens
{
    /// <summary>Longest time a token is good for.</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(30);

    /// <summary>Most tokens that wait to be redeemed.</summary>
    public const int MaxTokens = 10_000;

    private const string Kind = "micro-join-token";
    private const int Version = 1;
    private const string OpenSuffix = ".token";
    private const string UsedSuffix = ".used";

    /// <summary>How long one that is over is still told from one that never was.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromDays(1);

    private readonly string _directory;
    private readonly TimeProvider _time;

    /// <param name="authorityDirectory">The authority's directory, which is there.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="CredentialException">The directory cannot be made or used.</exception>
    public JoinTokens(string authorityDirectory, TimeProvider time)
    {
        _directory = Path.Combine(authorityDirectory, "tokens");
        _time = time;
        SecretFile.OpenDirectory(authorityDirectory);
        SecretFile.OpenDirectory(_directory);
    }

    /// <summary>Makes a token and returns it; it cannot be had again.</summary>
    /// <param name="identity">Whom it makes.</param>
    /// <param name="lifetime">From 1 s to <see cref="MaxLifetime"/>.</param>
    /// <exception cref="CredentialException">There are too many, or the file cannot be written.</exception>
    public string Create(ServiceIdentity identity, TimeSpan lifetime)
    {
        if (lifetime < TimeSpan.FromSeconds(1) || lifetime > MaxLifetime)
        {
            throw new CredentialException($"A join token is good for 1 s to {MaxLifetime.TotalDays} days, not for {lifetime}.");
        }

        var now = _time.GetUtcNow();
        if (Sweep(now) >= MaxTokens)
        {
            throw new CredentialException($"There are {MaxTokens} join tokens waiting in '{_directory}' already.");
        }

        var token = JoinToken.Create();
        var json = JsonSerializer.SerializeToUtf8Bytes(new JoinTokenJson(SHA256.HashData(token.Secret), identity.ToString(), now + lifetime), SecurityJson.Default.JoinTokenJson);
        SecretFile.Write(PathOf(token.Id, OpenSuffix), VersionedFile.Frame(Kind, Version, json), replace: false);
        return token.Reveal();
    }

    /// <summary>Takes a token, once.</summary>
    /// <param name="text">The token.</param>
    /// <param name="service">Whom the bearer says to be.</param>
    /// <returns>Whom it is entitled to be, which is the same.</returns>
    /// <exception cref="JoinTokenException">It is not taken. Who does not have the secret learns nothing but that.</exception>
    /// <exception cref="CredentialException">The files cannot be read or written.</exception>
    public ServiceIdentity Redeem(string? text, ServiceIdentity service)
    {
        var token = JoinToken.TryRead(text) ?? throw Unknown();
        var (json, isUsed) = Find(token) ?? throw Unknown();
        if (!CryptographicOperations.FixedTimeEquals(SHA256.HashData(token.Secret), json.Hash))
        {
            throw Unknown();
        }

        if (isUsed)
        {
            throw Used();
        }

        if (json.ExpiresAt <= _time.GetUtcNow())
        {
            throw new JoinTokenException(JoinTokenFailure.Expired, $"The join token expired at {json.ExpiresAt:u}. Make a new one.");
        }

        if (json.Identity != service.ToString())
        {
            throw new JoinTokenException(JoinTokenFailure.WrongService, $"The join token is not for '{service}'. Make one for that service.");
        }

        Claim(token.Id);
        return service;
    }

    private static JoinTokenException Unknown() => new(JoinTokenFailure.Unknown, "The join token is not known. See that it is whole and of this authority, or make a new one.");

    private static JoinTokenException Used() => new(JoinTokenFailure.AlreadyUsed, "The join token was used before. If it was not by you, somebody else has it: revoke its service; then make a new one.");

    private string PathOf(string id, string suffix) => Path.Combine(_directory, id + suffix);

    private (JoinTokenJson Json, bool IsUsed)? Find(JoinToken token)
    {
        // Open again at last: it may have been redeemed between the two looks at the names.
        foreach (var suffix in new[] { OpenSuffix, UsedSuffix })
        {
            var path = PathOf(token.Id, suffix);
            if (!File.Exists(path))
            {
                continue;
            }

            try
            {
                return (Read(path), suffix == UsedSuffix);
            }
            catch (CredentialException) when (!File.Exists(path))
            {
            }
        }

        return null;
    }

    private static JoinTokenJson Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(VersionedFile.Open(path, Kind, Version, SecretFile.Read(path)).Span, SecurityJson.Default.JoinTokenJson)
                ?? throw new JsonException("It is null.");
        }
        catch (JsonException exception)
        {
            throw SecretFile.Refuse("file", path, "cannot be understood; remove it", exception);
        }
    }

    private void Claim(string id)
    {
        try
        {
            // One rename of a name succeeds; to all others the file is gone.
            File.Move(PathOf(id, OpenSuffix), PathOf(id, UsedSuffix), overwrite: true);
            Internal.NativeFile.SyncDirectory(_directory);
        }
        catch (FileNotFoundException)
        {
            throw Used();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Not on the disk for certain, so not taken: after a crash it might be taken again.
            throw SecretFile.Refuse("directory", _directory, $"cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>Removes what is over for long; says how many wait.</summary>
    private int Sweep(DateTimeOffset now)
    {
        var waiting = 0;
        foreach (var path in Directory.EnumerateFiles(_directory))
        {
            if (SecretFile.IsTemporary(path) ? IsOld(path, now) : IsOver(path, now))
            {
                File.Delete(path);
            }
            else if (path.EndsWith(OpenSuffix, StringComparison.Ordinal))
            {
                waiting++;
            }
        }

        return waiting;
    }

    // Another process may be about to rename it, unless it is an hour old.
    private static bool IsOld(string path, DateTimeOffset now) => File.GetLastWriteTimeUtc(path) + TimeSpan.FromHours(1) < now.UtcDateTime;

    private static bool IsOver(string path, DateTimeOffset now)
    {
        try
        {
            return Read(path).ExpiresAt + Memory < now;
        }
        catch (CredentialException)
        {
            return false; // somebody else's, or redeemed just now
        }
    }
}
