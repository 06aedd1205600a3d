using System.CommandLine;
using Micro.Cli.Terminal;
using Micro.Security;
using Microsoft.Extensions.Options;

namespace Micro.Cli.Commands.Identity;

/// <summary><c>micro identity show</c>: the certificate the tool calls with, and whom it trusts. Never the key.</summary>
internal static class ShowCommand
{
    public static Command Create(GlobalOptions global, ToolConsole console)
    {
        var command = new Command("show", "Shows the identity the tool calls with: certificate, trust bundle and where both come from.");
        command.SetAction((parsed, cancellationToken) => RunAsync(global.Read(parsed), console, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ToolSettings settings, ToolConsole console, CancellationToken cancellationToken)
    {
        await using var host = await ToolHost.StartAsync(settings, cancellationToken);
        var identity = Names.IdentityOf(settings.Caller, host.Get<IOptions<MicroSecurityOptions>>().Value);
        var credential = await host.Get<ICredentialSource>().GetAsync(identity, cancellationToken);
        var shown = Json(host, credential);
        if (settings.Json)
        {
            console.Output.WriteLine(ToolJson.Line(shown, ToolJson.Readable.IdentityJson));
        }
        else
        {
            Show(console, shown);
        }

        return ExitCodes.Ok;
    }

    private static IdentityJson Json(ToolHost host, ServiceCredential credential)
    {
        var provider = host.Get<CredentialSelection>().Provider.Name;
        var bundle = credential.Bundle;
        var verdict = host.Get<IPeerAuthenticator>().Authenticate(new PeerEvidence(credential.Leaf, credential.Intermediates, bundle));
        return new IdentityJson(
            credential.Identity.ToString(),
            credential.Leaf.SerialNumber,
            credential.Leaf.NotBefore.ToUniversalTime(),
            credential.Leaf.NotAfter.ToUniversalTime(),
            verdict.Root,
            new IdentityJson.TrustBundle(
                bundle.Sequence,
                [
                    .. bundle.TrustDomains.Order(StringComparer.Ordinal).Select(domain => new IdentityJson.Domain(
                        domain, [.. bundle.RootsOf(domain).Select(root => TrustBundle.FingerprintOf(root.RawDataMemory.Span))])),
                ]),
            provider,
            provider switch
            {
                CredentialProviders.Local => host.Get<LocalAuthority>().Directory,
                CredentialProviders.Pem => host.Get<IOptions<PemCredentialOptions>>().Value.Certificate,
                _ => null,
            });
    }

    private static void Show(ToolConsole console, IdentityJson shown)
    {
        LabelText.Write(console, "identity", shown.Identity);
        LabelText.Write(console, "serial", shown.Serial);
        LabelText.Write(console, "valid", $"{shown.NotBefore:u} to {shown.NotAfter:u}");
        LabelText.Write(console, "root", shown.Root is { } root ? $"SHA-256 {root}" : "none of the bundle vouches for it");
        LabelText.Write(console, "bundle", $"number {shown.Bundle.Sequence}");
        foreach (var domain in shown.Bundle.TrustDomains)
        {
            foreach (var fingerprint in domain.Roots)
            {
                LabelText.Write(console, "  trusts", $"{domain.Name}: SHA-256 {fingerprint}");
            }
        }

        LabelText.Write(console, "from", shown.Place is { } place ? $"{shown.Provider} ({place})" : shown.Provider);
    }
}
