using Microsoft.Extensions.Options;

namespace Micro.Grpc.Security;

internal sealed class WorkloadApiOptionsValidation : IValidateOptions<WorkloadApiOptions>
{
    public ValidateOptionsResult Validate(string? name, WorkloadApiOptions options) =>
        options.StartTimeout >= TimeSpan.FromMilliseconds(100) && options.StartTimeout <= TimeSpan.FromMinutes(10)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail("This does not hold: Micro:Security:Workload:StartTimeout is from 100 ms to 10 minutes.");
}
