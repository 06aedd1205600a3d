using Microsoft.Extensions.Options;

namespace Micro.Security;

internal sealed class MicroSecurityOptionsValidation : IValidateOptions<MicroSecurityOptions>
{
    /// <summary>In which callers without a certificate are counted where they are let in at all. Nobody is issued an identity there.</summary>
    public const string UnverifiedNamespace = "unverified";

    public ValidateOptionsResult Validate(string? name, MicroSecurityOptions options)
    {
        var wrong = new List<string>();
        Check(ServiceIdentity.IsTrustDomain(options.TrustDomain) && !options.TrustDomain.Any(char.IsAsciiLetterUpper), "TrustDomain is 1 to 255 of a-z, 0-9, '.', '_' and '-'");
        Check(IsSegment(options.Namespace), "Namespace is one segment of a SPIFFE id: letters, digits, '.', '_' and '-'");
        Check(options.Namespace != UnverifiedNamespace, $"Namespace is not '{UnverifiedNamespace}', which stands for callers that were not verified");
        Check(options.LeafLifetime >= TimeSpan.FromSeconds(2) && options.LeafLifetime <= CertificateAuthority.MaxLeafLifetime, "LeafLifetime is from 2 s to 24 h");
        Check(options.ClockSkew >= TimeSpan.Zero && options.ClockSkew <= TimeSpan.FromHours(1), "ClockSkew is from 0 to 1 h");
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);

        void Check(bool holds, string rule)
        {
            if (!holds)
            {
                wrong.Add($"This does not hold: Micro:Security:{rule}.");
            }
        }
    }

    private static bool IsSegment(string? text) => !string.IsNullOrEmpty(text) && ServiceIdentity.TryParse($"spiffe://a/{text}/b", out var identity) && identity.Namespace == text;
}
