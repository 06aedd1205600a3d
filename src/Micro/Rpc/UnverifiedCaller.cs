using Micro.Security;
using Micro.Transport;

namespace Micro.Rpc;

/// <summary>
/// The one place where somebody counts as more than was verified of them: callers within the process, and with <c>Micro:Security:Insecure</c> every caller without a
/// certificate that is not of the edge. They count as one of the trust domain and as no service in particular, which an identity in a namespace of its own expresses: rules for the trust domain
/// (<c>*/*</c>) match it, rules that name a service or a namespace do not. No credential is ever issued in that namespace.
/// </summary>
internal sealed class UnverifiedCaller(RuleNames names, bool insecure)
{
    /// <summary>Namespace of the identity.</summary>
    public const string Namespace = MicroSecurityOptionsValidation.UnverifiedNamespace;

    private readonly Caller _inProcess = new(ServiceIdentity.Create(names.TrustDomain, Namespace, "inproc"));
    private readonly Caller _plaintext = new(ServiceIdentity.Create(names.TrustDomain, Namespace, "insecure"));

    /// <summary>Who calls.</summary>
    public Caller Recognize(IncomingCall call)
    {
        var caller = call.Caller;
        if (caller.Identity is not null)
        {
            return caller;
        }

        var counted = call.Transport == "inproc" ? _inProcess : insecure && !call.IsFromOutside ? _plaintext : null;
        return counted is null ? caller : caller.Account is null ? counted : counted with { Account = caller.Account };
    }
}
