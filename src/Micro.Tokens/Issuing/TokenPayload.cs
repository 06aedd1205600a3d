using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Micro.Tokens.Verification;

namespace Micro.Tokens.Issuing;

/// <summary>Writes the claims of an access token (RFC 7519, section 4.1; <c>scope</c> as RFC 8693, section 4.2; <c>cnf</c> as RFC 7800, section 3.1).</summary>
internal static class TokenPayload
{
    private const int IdLength = 16;

    public static string Write(Account account, string audience, ServiceIdentity? boundTo, DateTimeOffset issued, DateTimeOffset expires)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("iss", account.Issuer);
            writer.WriteString("sub", account.Id);
            writer.WriteString("aud", audience);
            writer.WriteNumber("iat", issued.ToUnixTimeSeconds());
            writer.WriteNumber("nbf", issued.ToUnixTimeSeconds());
            writer.WriteNumber("exp", expires.ToUnixTimeSeconds());
            writer.WriteString("jti", Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(IdLength)));
            writer.WriteString(AccountClaims.TypeClaim, account.Type);
            writer.WriteString("scope", string.Join(' ', account.Scopes.Order(StringComparer.Ordinal)));
            if (account.Metadata.Count > 0)
            {
                writer.WriteStartObject(AccountClaims.MetadataClaim);
                foreach (var (name, value) in account.Metadata)
                {
                    writer.WriteString(name, value);
                }

                writer.WriteEndObject();
            }

            if (boundTo is not null)
            {
                writer.WriteStartObject("cnf");
                writer.WriteString(TokenClaims.ConfirmationMember, boundTo.ToString());
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
