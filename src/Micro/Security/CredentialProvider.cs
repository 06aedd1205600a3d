namespace Micro.Security;

/// <summary>A named candidate for where credentials come from. Its factory runs only when it is chosen.</summary>
/// <param name="Name">Name it is chosen by in <c>Micro:Security:Provider</c>, e.g. <c>pem</c>.</param>
/// <param name="Source">Makes the source, once; a <see cref="CredentialException"/> stops the start.</param>
public sealed record CredentialProvider(string Name, Func<IServiceProvider, ICredentialSource> Source);
