using Microsoft.Extensions.Options;

namespace Micro.Rpc;

internal sealed class RpcServerOptionsValidation : IValidateOptions<RpcServerOptions>
{
    public ValidateOptionsResult Validate(string? name, RpcServerOptions options)
    {
        if (options.MaxConcurrentCalls < 1)
        {
            return ValidateOptionsResult.Fail($"Micro:Server:MaxConcurrentCalls is {options.MaxConcurrentCalls}; it must be at least 1.");
        }

        if (options.StreamIdleTimeout != Timeout.InfiniteTimeSpan && options.StreamIdleTimeout <= TimeSpan.Zero)
        {
            return ValidateOptionsResult.Fail($"Micro:Server:StreamIdleTimeout is {options.StreamIdleTimeout}; it must be above zero, or -00:00:00.001 for none.");
        }

        if (options.DrainDelay < TimeSpan.Zero || options.DrainDelay > TimeSpan.FromHours(1))
        {
            return ValidateOptionsResult.Fail($"Micro:Server:DrainDelay is {options.DrainDelay}; it must be from 0 to 1 hour.");
        }

        return options.DrainTimeout < TimeSpan.Zero || options.DrainTimeout > TimeSpan.FromDays(1)
            ? ValidateOptionsResult.Fail($"Micro:Server:DrainTimeout is {options.DrainTimeout}; it must be from 0 to 1 day.")
            : ValidateOptionsResult.Success;
    }
}
