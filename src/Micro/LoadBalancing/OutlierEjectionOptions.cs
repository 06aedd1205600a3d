namespace Micro.LoadBalancing;

/// <summary>
/// When an instance that does not work is left out of balancing, and for how long. Bound from <c>Micro:OutlierEjection</c>; checked at start. The last instance
/// that takes calls is never ejected. Source of the idea: gRFC A50 and Envoy's outlier detection.
/// </summary>
public sealed class OutlierEjectionOptions
{
    /// <summary>False: every instance that is registered gets calls, whatever they come to. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Failed calls in a row (UNAVAILABLE, INTERNAL, UNKNOWN or the deadline) after which an instance is ejected. Default 5.</summary>
    public int ConsecutiveFailures { get; set; } = 5;

    /// <summary>How long an instance is out the first time its calls failed; doubles each time it comes back no better. Default 5 s.</summary>
    public TimeSpan FailureEjection { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest time out after failed calls. Default 60 s.</summary>
    public TimeSpan MaxFailureEjection { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an instance is out the first time it could not be reached, which takes one call only; doubles likewise. Default 1 s.</summary>
    public TimeSpan UnreachableEjection { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest time out of an instance that cannot be reached. Default 30 s.</summary>
    public TimeSpan MaxUnreachableEjection { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Most instances, as a share of all rounded down, that may be out because of failed calls. Default 0.5. Those that cannot be reached do not count: leaving
    /// them in would help nobody.
    /// </summary>
    public double MaxFailureShare { get; set; } = 0.5;

    /// <summary>
    /// An ejected instance comes back with one call, which the others wait for. When that call has not ended after this time, another one may try. Default 5 s.
    /// </summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Times out are longer or shorter by up to this share, so that processes do not return to an instance together. Default 0.2, at most 0.9.</summary>
    public double Jitter { get; set; } = 0.2;
}
