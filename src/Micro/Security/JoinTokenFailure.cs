namespace Micro.Security;

/// <summary>Why a join token is not taken.</summary>
internal enum JoinTokenFailure
{
    /// <summary>It is none, or not one of this authority, or over for so long that nothing of it is left.</summary>
    Unknown,

    /// <summary>Its time is over.</summary>
    Expired,

    /// <summary>Somebody redeemed it before.</summary>
    AlreadyUsed,

    /// <summary>It is for another service; it stays good for that one.</summary>
    WrongService,
}
