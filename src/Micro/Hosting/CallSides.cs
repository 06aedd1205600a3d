namespace Micro.Hosting;

/// <summary>Which calls an interceptor is for.</summary>
[Flags]
public enum CallSides
{
    /// <summary>None; not a useful value.</summary>
    None = 0,

    /// <summary>Outgoing calls.</summary>
    Client = 1,

    /// <summary>Incoming calls.</summary>
    Server = 2,

    /// <summary>Outgoing and incoming calls.</summary>
    Both = Client | Server,
}
