namespace Micro;

/// <summary>One attempt of a call, for errors and logs.</summary>
/// <param name="InstanceId">The instance that was picked.</param>
/// <param name="Address">Where it was tried.</param>
/// <param name="Status">How that ended.</param>
public sealed record CallAttempt(string InstanceId, Uri Address, CallStatus Status)
{
    /// <summary>Instance, address and outcome in one line.</summary>
    public override string ToString() => $"{InstanceId} at {Address}: {Status}";
}
