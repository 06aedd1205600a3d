namespace Micro.Security;

/// <summary>
/// Chooses whom a server is, by the name a client asks for in the handshake: <c>&lt;service&gt;.&lt;namespace&gt;</c> (see <see cref="MutualTls.HostOf"/>), null when it
/// names none. Null when nobody here is called so, and the handshake fails. Called on each handshake; must not block.
/// </summary>
internal delegate ServiceCredential? CredentialSelector(string? serverName);
