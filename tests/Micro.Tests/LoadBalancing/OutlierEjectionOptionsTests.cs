using Micro.LoadBalancing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Micro.Tests.LoadBalancing;

public sealed class OutlierEjectionOptionsTests
{
    [Fact]
    public void The_defaults_are_valid() => Assert.True(Validate(_ => { }).Succeeded);

    [Fact]
    public void Every_value_out_of_range_is_named()
    {
        var result = Validate(options =>
        {
            options.ConsecutiveFailures = 0;
            options.FailureEjection = TimeSpan.Zero;
            options.MaxFailureEjection = TimeSpan.FromDays(2);
            options.UnreachableEjection = TimeSpan.FromSeconds(40);
            options.MaxFailureShare = 1.1;
            options.ProbeTimeout = TimeSpan.FromSeconds(-1);
            options.Jitter = double.NaN;
        });
        Assert.Equal(
            ["ConsecutiveFailures", "FailureEjection", "Jitter", "MaxFailureEjection", "MaxFailureShare", "MaxUnreachableEjection", "ProbeTimeout"],
            result.Failures!.Select(failure => failure["Micro:OutlierEjection:".Length..failure.IndexOf(' ', StringComparison.Ordinal)]).Order());
    }

    [Fact]
    public void They_are_checked_where_balancing_is_added()
    {
        var services = new ServiceCollection();
        services.AddMicroLoadBalancing();
        services.Configure<OutlierEjectionOptions>(options => options.ConsecutiveFailures = -1);
        var error = Assert.Throws<OptionsValidationException>(
            () => services.BuildServiceProvider().GetRequiredService<IOptions<OutlierEjectionOptions>>().Value);
        Assert.Contains("Micro:OutlierEjection:ConsecutiveFailures is -1", error.Message);
    }

    [Fact]
    public void Switched_off_nothing_is_ejected()
    {
        var rig = new InstanceSetRig(3, new OutlierEjectionOptions { Enabled = false });
        rig.Report("i0", InstanceOutcome.Unreachable, 10);
        rig.Report("i1", InstanceOutcome.Failure, 10);
        Assert.Equal("i0 i1 i2", rig.Candidates);
    }

    private static ValidateOptionsResult Validate(Action<OutlierEjectionOptions> change)
    {
        var options = new OutlierEjectionOptions();
        change(options);
        return new OutlierEjectionOptionsValidation().Validate(null, options);
    }
}
