using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Micro.Security;

/// <summary>
/// A join token as it goes to another machine: the token, then for each root whose word counts at the first contact a dot and its SHA-256 in base64url. The token is
/// sent only to a server that one of these roots vouches for.
/// </summary>
internal sealed class PinnedJoinToken
{
    private const int PinLength = 43;
    private const int MaxPins = 4;

    private readonly byte[][] _pins;

    private PinnedJoinToken(string token, byte[][] pins)
    {
        Token = token;
        _pins = pins;
    }

    /// <summary>What is sent.</summary>
    public string Token { get; }

    /// <summary>Puts the roots in that will vouch for the authority while the token is good: the one that signs, and one that is prepared.</summary>
    public static string Write(string token, AuthorityState state, DateTimeOffset now)
    {
        var signer = state.Roots.IndexOf(state.SignerAt(now));
        return token + string.Concat(state.Roots[signer..].TakeLast(MaxPins).Select(root => "." + Base64Url.EncodeToString(PinOf(root.Certificate))));
    }

    /// <exception cref="CredentialException">It is none; the message holds nothing of it.</exception>
    public static PinnedJoinToken Read(string text)
    {
        var parts = text.Trim().Split('.');
        if (JoinToken.TryRead(parts[0]) is null)
        {
            throw new CredentialException("The join token is not whole: it begins with mjt1_ and is printed by: micro authority token");
        }

        var pins = parts[1..].Select(TryDecode).ToArray();
        return pins.Length is > 0 and <= MaxPins && !pins.Contains(null)
            ? new PinnedJoinToken(parts[0], pins!)
            : throw new CredentialException("The join token lacks the fingerprint of a root, or it is not whole. It follows the token after a dot, as micro authority token prints it.");
    }

    /// <summary>Whether the word of this root counts.</summary>
    public bool Pins(X509Certificate2 root) => PinOf(root) is var hash && _pins.Any(pin => pin.AsSpan().SequenceEqual(hash));

    /// <summary>Without the secret.</summary>
    public override string ToString() => JoinToken.TryRead(Token).ToString()!;

    private static byte[] PinOf(X509Certificate2 root) => root.GetCertHash(HashAlgorithmName.SHA256);

    private static byte[]? TryDecode(string pin)
    {
        var hash = new byte[SHA256.HashSizeInBytes];
        return pin.Length == PinLength && Base64Url.TryDecodeFromChars(pin, hash, out var written) && written == hash.Length ? hash : null;
    }
}
