using Micro.Cli.Terminal;
using Micro.Security;

namespace Micro.Cli.Commands;

/// <summary>What the authority is, for people or programs.</summary>
internal static class AuthorityText
{
    /// <param name="console">Where to.</param>
    /// <param name="settings">Whether JSON is wanted.</param>
    /// <param name="authority">The authority.</param>
    /// <param name="now">The time.</param>
    /// <param name="addresses">Where it is served; null when it is not.</param>
    public static void Write(ToolConsole console, ToolSettings settings, LocalAuthority authority, DateTimeOffset now, (Uri Mesh, Uri? Join)? addresses = null)
    {
        var state = authority.State;
        if (settings.Json)
        {
            console.Output.WriteLine(ToolJson.Line(Json(authority, addresses), ToolJson.Readable.AuthorityJson));
            return;
        }

        console.Output.WriteLine($"Authority of {state.TrustDomain}, bundle {state.Sequence}, in {PlainText.Of(authority.Directory)}");
        foreach (var root in state.Roots)
        {
            console.Output.WriteLine($"  root     {root.Fingerprint}  {Stage(state, root, now)}");
        }

        foreach (var identity in state.Revoked)
        {
            console.Output.WriteLine($"  revoked  {identity}");
        }
    }

    /// <summary>An address as people write it.</summary>
    public static string Bare(Uri address) => address.ToString().TrimEnd('/');

    private static string Stage(AuthorityState state, AuthorityRoot root, DateTimeOffset now) =>
        root.SignsFrom > now ? $"signs from {root.SignsFrom:u}"
        : ReferenceEquals(root, state.SignerAt(now)) ? $"signs, until {root.Certificate.NotAfter.ToUniversalTime():u}"
        : $"trusted until {root.TrustedUntil:u}";

    private static Terminal.AuthorityJson Json(LocalAuthority authority, (Uri Mesh, Uri? Join)? addresses)
    {
        var state = authority.State;
        return new Terminal.AuthorityJson(
            state.TrustDomain,
            authority.Directory,
            state.Sequence,
            [.. state.Roots.Select(root => new Terminal.AuthorityJson.Root(root.Fingerprint, root.SignsFrom, new DateTimeOffset(root.Certificate.NotAfter.ToUniversalTime()), root.TrustedUntil))],
            [.. state.Revoked.Select(identity => identity.ToString())],
            addresses is { } served ? Bare(served.Mesh) : null,
            addresses?.Join is { } join ? Bare(join) : null);
    }
}
