using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Micro.Security;

/// <summary>
/// The frame of a file: one line that says what it is, in which version, and the SHA-256 of what follows, so that a torn or edited file is never taken for a
/// whole one; then the content. E.g. <c>micro-authority 1 9f86d0…</c>.
/// </summary>
internal static class VersionedFile
{
    public static byte[] Frame(string kind, int version, ReadOnlySpan<byte> content) =>
        [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{kind} {version} {Convert.ToHexStringLower(SHA256.HashData(content))}\n")), .. content];

    /// <summary>The content.</summary>
    /// <param name="path">For messages.</param>
    /// <param name="kind">What it has to be.</param>
    /// <param name="version">The newest that is known.</param>
    /// <param name="file">The bytes of the file.</param>
    /// <exception cref="CredentialException">It is another kind of file, of a newer version, or damaged.</exception>
    public static ReadOnlyMemory<byte> Open(string path, string kind, int version, ReadOnlyMemory<byte> file)
    {
        var end = file.Span.IndexOf((byte)'\n');
        if (end is < 0 or > 200 || Encoding.ASCII.GetString(file.Span[..end]).Split(' ') is not [var name, var number, var hash]
            || name != kind || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var written))
        {
            throw SecretFile.Refuse("file", path, $"is damaged or no {kind} file; restore it from a copy, or move it away to begin anew");
        }

        if (written > version)
        {
            throw SecretFile.Refuse("file", path, $"has format {written}, written by a newer Micro; this program knows formats up to {version}. Update it, or give it a home of its own (Micro:Home)");
        }

        var content = file[(end + 1)..];
        return hash == Convert.ToHexStringLower(SHA256.HashData(content.Span))
            ? content
            : throw SecretFile.Refuse("file", path, "is damaged: its checksum does not hold; restore it from a copy, or move it away to begin anew");
    }
}
