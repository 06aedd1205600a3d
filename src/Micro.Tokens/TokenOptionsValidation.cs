using Microsoft.Extensions.Options;

namespace Micro.Tokens;

internal sealed class TokenOptionsValidation : IValidateOptions<TokenOptions>
{
    public ValidateOptionsResult Validate(string? name, TokenOptions options)
    {
        var wrong = Times(options).Concat(options.Issuers.SelectMany(Issuer)).ToList();
        if (string.IsNullOrWhiteSpace(options.Issuer))
        {
            wrong.Add("Micro:Tokens:Issuer is empty.");
        }

        if (options.CacheSize is < 0 or > 1_000_000)
        {
            wrong.Add($"Micro:Tokens:CacheSize is {options.CacheSize}; it must be from 0 to 1,000,000.");
        }

        var names = options.Issuers.Select(issuer => issuer.Issuer).Append(options.Issuer).ToArray();
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Length)
        {
            wrong.Add("Two issuers of Micro:Tokens have the same name.");
        }

        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static IEnumerable<string> Times(TokenOptions options)
    {
        (string Name, TimeSpan Value, TimeSpan Least, TimeSpan Most)[] times =
        [
            (nameof(options.Lifetime), options.Lifetime, TimeSpan.FromSeconds(1), TimeSpan.FromHours(24)),
            (nameof(options.RefreshLifetime), options.RefreshLifetime, TimeSpan.FromSeconds(1), TimeSpan.FromDays(90)),
            (nameof(options.Leeway), options.Leeway, TimeSpan.Zero, TimeSpan.FromSeconds(30)),
            (nameof(options.KeyLifetime), options.KeyLifetime, TimeSpan.FromHours(1), TimeSpan.FromDays(3653)),
            (nameof(options.KeyOverlap), options.KeyOverlap, options.Lifetime + options.Leeway, options.KeyLifetime),
        ];
        return times.Where(time => time.Value < time.Least || time.Value > time.Most)
            .Select(time => $"Micro:Tokens:{time.Name} is {time.Value}; it must be from {time.Least} to {time.Most}.");
    }

    private static IEnumerable<string> Issuer(OutsideIssuerOptions issuer)
    {
        if (string.IsNullOrWhiteSpace(issuer.Issuer))
        {
            yield return "An issuer in Micro:Tokens:Issuers has no name (Issuer).";
        }

        if (new[] { issuer.Keys is not null, issuer.KeysFile is not null, issuer.KeysAddress is not null }.Count(given => given) != 1)
        {
            yield return $"The issuer '{issuer.Issuer}' needs exactly one of Keys, KeysFile and KeysAddress.";
        }

        if (issuer.KeysAddress is { } address && (!address.IsAbsoluteUri || address.Scheme != Uri.UriSchemeHttps || address.UserInfo.Length > 0))
        {
            yield return $"KeysAddress of the issuer '{issuer.Issuer}' is not an https address without a user.";
        }

        if (issuer.RefreshInterval < TimeSpan.FromMinutes(1) || issuer.RefreshInterval > TimeSpan.FromHours(24))
        {
            yield return $"RefreshInterval of the issuer '{issuer.Issuer}' is {issuer.RefreshInterval}; it must be from 1 minute to 24 hours.";
        }

        if (issuer.Audience is { Length: 0 } || issuer.TokenType is { Length: 0 } || string.IsNullOrWhiteSpace(issuer.AccountType))
        {
            yield return $"Audience, TokenType or AccountType of the issuer '{issuer.Issuer}' is empty; leave it out instead.";
        }
    }
}
