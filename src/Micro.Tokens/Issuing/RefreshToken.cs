using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Micro.Tokens.Issuing;

/// <summary>
/// A refresh token: <c>mrt~</c>, the account's id, <c>~</c>, the family's id and a secret of 256 random bits. Opaque to its holder, and no JSON Web Token, so that it
/// can never pass for an access token. Immutable.
/// </summary>
internal readonly record struct RefreshToken(string AccountId, string FamilyId, byte[] Hash)
{
    private const string Prefix = "mrt";
    private const int FamilyLength = 16;
    private const int SecretLength = 32;
    private const int MaxLength = 512;

    /// <summary>Makes the next one of a family; null begins a family.</summary>
    public static (string Text, RefreshToken Token) Create(string accountId, string? familyId)
    {
        Span<byte> bytes = stackalloc byte[FamilyLength + SecretLength];
        RandomNumberGenerator.Fill(bytes);
        if (familyId is not null)
        {
            Base64Url.DecodeFromChars(familyId, bytes[..FamilyLength]);
        }

        return ($"{Prefix}~{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(accountId))}~{Base64Url.EncodeToString(bytes)}", Read(accountId, bytes));
    }

    /// <summary>Takes one apart; null when it is none.</summary>
    public static RefreshToken? TryParse(string text)
    {
        if (text.Length > MaxLength || text.Split('~') is not [Prefix, var account, var rest])
        {
            return null;
        }

        try
        {
            var bytes = Base64Url.DecodeFromChars(rest);
            return bytes.Length == FamilyLength + SecretLength ? Read(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(account)), bytes) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    public override string ToString() => $"refresh token of family {FamilyId}";

    private static RefreshToken Read(string accountId, ReadOnlySpan<byte> bytes) =>
        new(accountId, Base64Url.EncodeToString(bytes[..FamilyLength]), SHA256.HashData(bytes[FamilyLength..]));
}
