using Microsoft.Extensions.Options;

namespace Micro.Hosting;

internal sealed class MicroInstanceOptionsValidation : IValidateOptions<MicroInstanceOptions>
{
    public ValidateOptionsResult Validate(string? name, MicroInstanceOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Version))
        {
            return ValidateOptionsResult.Fail("Micro:Version is empty; leave it out for 'latest'.");
        }

        return options.HealthInterval <= TimeSpan.Zero || options.HealthInterval > TimeSpan.FromDays(1)
            ? ValidateOptionsResult.Fail($"Micro:HealthInterval is {options.HealthInterval}; it must be above zero and at most 1 day.")
            : ValidateOptionsResult.Success;
    }
}
