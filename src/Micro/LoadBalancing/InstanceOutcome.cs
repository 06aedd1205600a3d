namespace Micro.LoadBalancing;

/// <summary>What one call says about the instance it went to.</summary>
internal enum InstanceOutcome
{
    /// <summary>It answered: with a result, or with an error that is the caller's.</summary>
    Success,

    /// <summary>It answered UNAVAILABLE, INTERNAL or UNKNOWN, or not before the deadline.</summary>
    Failure,

    /// <summary>It could not be reached or took no call.</summary>
    Unreachable,

    /// <summary>Nothing: the caller gave up first.</summary>
    Nothing,
}
