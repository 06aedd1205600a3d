using Micro.Security;
using Microsoft.Extensions.Options;

namespace Micro.AspNetCore.Authority;

internal sealed class AuthorityServerOptionsValidation(IOptions<MicroSecurityOptions> security, CredentialSelection selection) : IValidateOptions<AuthorityServerOptions>
{
    public ValidateOptionsResult Validate(string? name, AuthorityServerOptions options)
    {
        if (security.Value.Insecure)
        {
            return ValidateOptionsResult.Fail("An authority cannot be served with Micro:Security:Insecure=true: it would sign for anybody.");
        }

        if (selection.Provider.Name != CredentialProviders.Local)
        {
            return ValidateOptionsResult.Fail($"An authority that is served signs with the local one, so {CredentialSelection.Key} has to be {CredentialProviders.Local}, not {selection.Provider.Name}.");
        }

        if (options.MaxLeafLifetime < TimeSpan.FromSeconds(2) || options.MaxLeafLifetime > TimeSpan.FromHours(24))
        {
            return ValidateOptionsResult.Fail($"Micro:Authority:MaxLeafLifetime is {options.MaxLeafLifetime}; it must be from 2 s to 24 hours.");
        }

        return options.MaxFailedJoins < 1
            ? ValidateOptionsResult.Fail($"Micro:Authority:MaxFailedJoins is {options.MaxFailedJoins}; it must be 1 or more.")
            : ValidateOptionsResult.Success;
    }
}
