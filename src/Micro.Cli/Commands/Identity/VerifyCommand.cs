using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Micro.Cli.Terminal;
using Micro.Security;
using Microsoft.Extensions.Options;

namespace Micro.Cli.Commands.Identity;

/// <summary><c>micro identity verify FILE</c>: what services of this home would say to a certificate, by the code that they say it with.</summary>
internal static class VerifyCommand
{
    private const long MaxBytes = 1 << 20;

    public static Command Create(GlobalOptions global, ToolConsole console)
    {
        var file = new Argument<string>("FILE") { Description = "PEM file: the certificate first, then what lies between it and its root. Keys in it are not looked at." };
        var command = new Command("verify", "Says whether a certificate is accepted by the services of this home, and who it is; else why not.") { file };
        command.SetAction((parsed, cancellationToken) => RunAsync(global.Read(parsed), parsed.GetRequiredValue(file), console, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ToolSettings settings, string file, ToolConsole console, CancellationToken cancellationToken)
    {
        var certificates = Read(file);
        await using var host = await ToolHost.StartAsync(settings, cancellationToken);
        var own = Names.IdentityOf(settings.Caller, host.Get<IOptions<MicroSecurityOptions>>().Value);
        var bundle = (await host.Get<ICredentialSource>().GetAsync(own, cancellationToken)).Bundle;
        var verdict = host.Get<IPeerAuthenticator>().Authenticate(new PeerEvidence(certificates[0], [.. certificates.Skip(1)], bundle));
        var isAccepted = verdict.Identity is not null;
        if (settings.Json)
        {
            var json = isAccepted
                ? new VerificationJson(true, null, verdict.Identity!.ToString(), verdict.Serial, verdict.NotAfter, verdict.Root)
                : new VerificationJson(false, verdict.Refusal, null, null, null, null);
            console.Output.WriteLine(ToolJson.Line(json, ToolJson.Readable.VerificationJson));
        }
        else if (isAccepted)
        {
            LabelText.Write(console, "accepted", verdict.Identity!.ToString());
            LabelText.Write(console, "serial", verdict.Serial);
            LabelText.Write(console, "valid", $"to {verdict.NotAfter:u}");
            LabelText.Write(console, "root", $"SHA-256 {verdict.Root}");
        }
        else
        {
            LabelText.Write(console, "refused", verdict.Refusal!);
        }

        return isAccepted ? ExitCodes.Ok : ExitCodes.CallFailed;
    }

    /// <exception cref="ToolException">It cannot be read, or has no certificate.</exception>
    private static X509Certificate2Collection Read(string path)
    {
        var found = new X509Certificate2Collection();
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                throw ToolException.Usage($"The file '{path}' is larger than {MaxBytes} bytes.");
            }

            found.ImportFromPem(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw ToolException.Usage($"The file '{path}' cannot be read: {e.Message}", e);
        }
        catch (CryptographicException e)
        {
            throw ToolException.Usage($"The file '{path}' has a certificate that cannot be read.", e);
        }

        return found.Count > 0 ? found : throw ToolException.Usage($"The file '{path}' has no certificate in PEM.");
    }
}
