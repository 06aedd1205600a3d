namespace Micro.Rpc;

/// <summary>S2's result.</summary>
/// <param name="Caller">Who calls, as far as it was verified.</param>
/// <param name="Refusal">Why the call is refused whatever it asks for; null when it is not.</param>
/// <param name="NotAfter">Until when a token speaks for the caller; null without one. What lasts longer ends then.</param>
internal readonly record struct RecognizedCaller(Caller Caller, CallStatus? Refusal = null, DateTimeOffset? NotAfter = null);
