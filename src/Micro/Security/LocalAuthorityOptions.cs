namespace Micro.Security;

/// <summary>
/// Options of the local authority. Bound from <c>Micro:Security:Local</c>; checked at start. Whoever can read its directory can mint every identity of the trust
/// domain: it is for the processes of one user on one machine.
/// </summary>
public sealed class LocalAuthorityOptions
{
    /// <summary>Where its files are; default <c>authority</c> in the home directory. Made with mode 0700; refused when it is a link or open to others.</summary>
    public string? Directory { get; set; }

    /// <summary>How long a root is valid. Default 3,650 days; at least 7. A root past 60 % of its life is followed by a new one without anybody's doing.</summary>
    public TimeSpan RootLifetime { get; set; } = TimeSpan.FromDays(3650);

    /// <summary>
    /// How long a new root is only trusted before it signs, so that everybody knows it by then. Default 1 minute, which is plenty for one machine, where a change
    /// is seen within a second; from 2 s to a tenth of <see cref="RootLifetime"/>. Machines that fetch the bundle need longer than the time between two fetches.
    /// </summary>
    public TimeSpan RootPropagation { get; set; } = TimeSpan.FromMinutes(1);
}
