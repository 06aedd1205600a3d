namespace Micro.LoadBalancing;

/// <summary>Where an instance stands between in and out.</summary>
internal enum InstancePhase
{
    /// <summary>It takes calls.</summary>
    Serving,

    /// <summary>It is left out until a moment.</summary>
    Ejected,

    /// <summary>That moment has passed: the next call that picks it tries it out.</summary>
    Returning,

    /// <summary>A call is trying it out; others leave it alone until that call ended, or took too long.</summary>
    Probing,
}
