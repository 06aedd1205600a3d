using Micro.LoadBalancing;
using Microsoft.Extensions.Options;

namespace Micro.Rpc;

internal sealed class RpcClientOptionsValidation(LoadBalancerTable balancers) : IValidateOptions<RpcClientOptions>
{
    public ValidateOptionsResult Validate(string? name, RpcClientOptions options)
    {
        var section = string.IsNullOrEmpty(name) ? "Micro:Client" : $"Micro:Clients:{name}";
        if (options.Timeout != Timeout.InfiniteTimeSpan && options.Timeout <= TimeSpan.Zero)
        {
            return ValidateOptionsResult.Fail($"{section}:Timeout is {options.Timeout}; it must be above zero, or -00:00:00.001 for none.");
        }

        if (options.StreamIdleTimeout != Timeout.InfiniteTimeSpan && options.StreamIdleTimeout <= TimeSpan.Zero)
        {
            return ValidateOptionsResult.Fail($"{section}:StreamIdleTimeout is {options.StreamIdleTimeout}; it must be above zero, or -00:00:00.001 for none.");
        }

        if (options.MaxAttempts is < 1 or > 5)
        {
            return ValidateOptionsResult.Fail($"{section}:MaxAttempts is {options.MaxAttempts}; it must be from 1 to 5.");
        }

        if (options.RetryBackoff < TimeSpan.Zero || options.RetryBackoff > TimeSpan.FromHours(1))
        {
            return ValidateOptionsResult.Fail($"{section}:RetryBackoff is {options.RetryBackoff}; it must be from 0 to 1 hour.");
        }

        if (options.RetryBufferBytes < 0)
        {
            return ValidateOptionsResult.Fail($"{section}:RetryBufferBytes is {options.RetryBufferBytes}; it must not be negative.");
        }

        if (options.Identity is { } identity && !(ServiceIdentity.TryParse(identity, out var parsed) && parsed.Service is not null))
        {
            return ValidateOptionsResult.Fail($"{section}:Identity is '{identity}', which is no SPIFFE id of a service: spiffe://<trust domain>/<namespace>/<service>.");
        }

        return balancers.Names.Contains(options.LoadBalancer, StringComparer.OrdinalIgnoreCase)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"{section}:LoadBalancer is '{options.LoadBalancer}'; there are {string.Join(", ", balancers.Names)}.");
    }
}
