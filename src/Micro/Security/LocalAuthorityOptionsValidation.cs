using Microsoft.Extensions.Options;

namespace Micro.Security;

internal sealed class LocalAuthorityOptionsValidation : IValidateOptions<LocalAuthorityOptions>
{
    public ValidateOptionsResult Validate(string? name, LocalAuthorityOptions options)
    {
        if (options.RootLifetime < TimeSpan.FromDays(7) || options.RootLifetime > TimeSpan.FromDays(36500))
        {
            return ValidateOptionsResult.Fail($"Micro:Security:Local:RootLifetime is {options.RootLifetime}; it must be from 7 to 36500 days.");
        }

        return options.RootPropagation < TimeSpan.FromSeconds(2) || options.RootPropagation > options.RootLifetime / 10
            ? ValidateOptionsResult.Fail($"Micro:Security:Local:RootPropagation is {options.RootPropagation}; it must be from 2 s to a tenth of RootLifetime.")
            : ValidateOptionsResult.Success;
    }
}
