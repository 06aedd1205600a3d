using Microsoft.Extensions.Options;

namespace Micro.Security;

internal sealed class PemCredentialOptionsValidation : IValidateOptions<PemCredentialOptions>
{
    public ValidateOptionsResult Validate(string? name, PemCredentialOptions options)
    {
        string[] missing =
        [
            .. new[] { ("Certificate", options.Certificate), ("Key", options.Key), ("Bundle", options.Bundle) }
                .Where(one => string.IsNullOrWhiteSpace(one.Item2))
                .Select(one => $"Micro:Security:Pem:{one.Item1} is not set; it is the path of a PEM file."),
        ];
        return missing.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(missing);
    }
}
