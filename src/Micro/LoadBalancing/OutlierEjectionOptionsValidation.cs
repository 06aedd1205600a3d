using Microsoft.Extensions.Options;

namespace Micro.LoadBalancing;

internal sealed class OutlierEjectionOptionsValidation : IValidateOptions<OutlierEjectionOptions>
{
    private const string Section = "Micro:OutlierEjection";

    public ValidateOptionsResult Validate(string? name, OutlierEjectionOptions options)
    {
        List<string> failures = [];
        if (options.ConsecutiveFailures < 1)
        {
            failures.Add($"{Section}:ConsecutiveFailures is {options.ConsecutiveFailures}; it must be 1 or more.");
        }

        Positive(nameof(options.FailureEjection), options.FailureEjection);
        Positive(nameof(options.UnreachableEjection), options.UnreachableEjection);
        Positive(nameof(options.ProbeTimeout), options.ProbeTimeout);
        AtLeast(nameof(options.MaxFailureEjection), options.MaxFailureEjection, nameof(options.FailureEjection), options.FailureEjection);
        AtLeast(nameof(options.MaxUnreachableEjection), options.MaxUnreachableEjection, nameof(options.UnreachableEjection), options.UnreachableEjection);
        Share(nameof(options.MaxFailureShare), options.MaxFailureShare, 1);
        Share(nameof(options.Jitter), options.Jitter, 0.9);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Positive(string option, TimeSpan value)
        {
            if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(1))
            {
                failures.Add($"{Section}:{option} is {value}; it must be above zero and at most a day.");
            }
        }

        void AtLeast(string option, TimeSpan value, string least, TimeSpan leastValue)
        {
            if (value < leastValue || value > TimeSpan.FromDays(1))
            {
                failures.Add($"{Section}:{option} is {value}; it must be from {least}, which is {leastValue}, to a day.");
            }
        }

        void Share(string option, double value, double most)
        {
            if (!(value >= 0 && value <= most))
            {
                failures.Add($"{Section}:{option} is {value}; it must be from 0 to {most}.");
            }
        }
    }
}
