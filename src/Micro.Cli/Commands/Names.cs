using Micro.Security;

namespace Micro.Cli.Commands;

/// <summary>Completes names of services as people type them.</summary>
internal static class Names
{
    private const string Scheme = "spiffe://";

    /// <summary><c>orders</c>, <c>team/orders</c> or a whole SPIFFE id.</summary>
    /// <exception cref="ToolException">It is none of them.</exception>
    public static ServiceIdentity IdentityOf(string name, MicroSecurityOptions options)
    {
        var id = name.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? name
            : name.Contains('/') ? $"{Scheme}{options.TrustDomain}/{name}"
            : $"{Scheme}{options.TrustDomain}/{options.Namespace}/{name}";
        try
        {
            return ServiceIdentity.Parse(id);
        }
        catch (FormatException e)
        {
            throw ToolException.Usage($"'{name}' is not a service: {e.Message}", e);
        }
    }
}
