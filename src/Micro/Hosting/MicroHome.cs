using Micro.Internal;
using Microsoft.Extensions.Configuration;

namespace Micro.Hosting;

/// <summary>
/// The directory that Micro's embedded engine shares between the processes of one user on one machine: configuration key <c>Micro:Home</c>, else
/// <c>$MICRO_HOME</c>, else <c>$XDG_STATE_HOME/micro</c>, else <c>~/.local/state/micro</c> (XDG Base Directory Specification). Whoever can write there can
/// register services and mint identities, so it belongs to the user alone.
/// </summary>
public static class MicroHome
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Says where the home is, touching no file.</summary>
    /// <param name="configuration">Asked for <c>Micro:Home</c>; null asks the environment alone.</param>
    /// <returns>An absolute path.</returns>
    /// <exception cref="MicroHomeException">Nothing says where it is.</exception>
    public static string Resolve(IConfiguration? configuration) => Resolve(configuration, Environment.GetEnvironmentVariable);

    /// <summary>
    /// Makes the directory with mode 0700 unless it exists, and checks that it, and a link that leads to it, belong to this user and that no other
    /// user may write there. Any number of processes may do this at once.
    /// </summary>
    /// <param name="path">Where it is, as <see cref="Resolve(IConfiguration?)"/> says.</param>
    /// <exception cref="MicroHomeException">It cannot be made or used.</exception>
    public static void Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
                return;
            }

            if (Path.GetDirectoryName(path) is { } parent)
            {
                Directory.CreateDirectory(parent);
            }

            Directory.CreateDirectory(path, OwnerOnly);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MicroHomeException(path, $"cannot be made: {exception.Message}", exception);
        }

        CheckOwner(path);
        if ((File.GetUnixFileMode(path) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
        {
            throw new MicroHomeException(path, $"can be written by other users; run: chmod 700 '{path}'");
        }
    }

    internal static string Resolve(IConfiguration? configuration, Func<string, string?> environment)
    {
        if (First(configuration?["Micro:Home"], environment("MICRO_HOME")) is { } chosen)
        {
            return Path.GetFullPath(chosen);
        }

        // A relative path there is invalid and ignored, says the specification.
        if (First(environment("XDG_STATE_HOME")) is { } state && Path.IsPathFullyQualified(state))
        {
            return Path.Combine(state, "micro");
        }

        var user = First(environment("HOME"), Environment.GetFolderPath(Environment.SpecialFolder.UserProfile))
            ?? throw new MicroHomeException("micro", "is not known: the user has no home directory");
        return Path.GetFullPath(Path.Combine(user, ".local", "state", "micro"));
    }

    private static string? First(params ReadOnlySpan<string?> values)
    {
        foreach (var value in values)
        {
            if (!string.IsNullOrWhiteSpace(value))
            {
                return value;
            }
        }

        return null;
    }

    private static void CheckOwner(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var user = FileIdentity.EffectiveUser;
        if (FileIdentity.Of(path, followLinks: false).Owner != user || FileIdentity.Of(path).Owner != user)
        {
            throw new MicroHomeException(path, "belongs to another user");
        }
    }
}
