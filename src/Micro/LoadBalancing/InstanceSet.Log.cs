using Microsoft.Extensions.Logging;

namespace Micro.LoadBalancing;

internal sealed partial class InstanceSet
{
    [LoggerMessage(1100, LogLevel.Warning, "Instance '{Instance}' of service '{Service}' gets no calls for {Seconds:0.0} s ({Outcome}).")]
    private partial void Ejected(string service, string instance, double seconds, InstanceOutcome outcome);

    [LoggerMessage(1101, LogLevel.Information, "Instance '{Instance}' of service '{Service}' gets calls again.")]
    private partial void Returned(string service, string instance);

    [LoggerMessage(1102, LogLevel.Information, "Instance '{Instance}' of service '{Service}' gets calls again before its time: too few others are left.")]
    private partial void ReturnedEarly(string service, string instance);

    [LoggerMessage(1103, LogLevel.Warning, "Instance '{Instance}' of service '{Service}' failed {Failures} calls in a row and still gets calls: too many others are out.")]
    private partial void Kept(string service, string instance, int failures);
}
