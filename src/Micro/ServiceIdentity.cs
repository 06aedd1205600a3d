using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Micro;

/// <summary>
/// Who a service is: a SPIFFE id, <c>spiffe://&lt;trust domain&gt;/&lt;namespace&gt;/&lt;service&gt;</c>. Other path shapes are valid identities too; they have no
/// <see cref="Namespace"/> and no <see cref="Service"/>. The trust domain is kept in lower case, the path exactly. Immutable; equal when the ids are.
/// Source: SPIFFE-ID.md, section 2.
/// </summary>
public sealed class ServiceIdentity : IEquatable<ServiceIdentity>
{
    /// <summary>Longest id, in bytes: 2,048.</summary>
    public const int MaxLength = 2048;

    /// <summary>Longest trust domain, in bytes: 255.</summary>
    public const int MaxTrustDomainLength = 255;

    private const string Scheme = "spiffe://";

    private readonly string _id;

    private ServiceIdentity(string trustDomain, string path)
    {
        TrustDomain = trustDomain;
        Path = path;
        _id = Scheme + trustDomain + path;
        var slash = path.IndexOf('/', 1);
        if (slash > 0 && path.IndexOf('/', slash + 1) < 0)
        {
            Namespace = path[1..slash];
            Service = path[(slash + 1)..];
        }
    }

    /// <summary>The trust domain, in lower case, e.g. <c>micro.local</c>.</summary>
    public string TrustDomain { get; }

    /// <summary>Everything after the trust domain, with its leading slash.</summary>
    public string Path { get; }

    /// <summary>The namespace; null when the path has not exactly two segments.</summary>
    public string? Namespace { get; }

    /// <summary>The service's name, as it is registered and resolved; null when the path has not exactly two segments.</summary>
    public string? Service { get; }

    /// <summary>Makes the identity of a service.</summary>
    /// <param name="trustDomain">The trust domain, e.g. <c>micro.local</c>.</param>
    /// <param name="namespace">The namespace, e.g. <c>default</c>.</param>
    /// <param name="service">The service's name.</param>
    /// <exception cref="FormatException">One of them cannot be part of a SPIFFE id; the message says which rule it breaks.</exception>
    public static ServiceIdentity Create(string trustDomain, string @namespace, string service)
    {
        ArgumentException.ThrowIfNullOrEmpty(trustDomain);
        ArgumentException.ThrowIfNullOrEmpty(@namespace);
        ArgumentException.ThrowIfNullOrEmpty(service);
        return Parse($"{Scheme}{trustDomain}/{@namespace}/{service}") is { Service: not null } identity
            ? identity
            : throw new FormatException($"'{@namespace}' and '{service}' are not one segment each of a SPIFFE id.");
    }

    /// <summary>Reads a SPIFFE id.</summary>
    /// <exception cref="FormatException">It is none; the message says which rule it breaks.</exception>
    public static ServiceIdentity Parse(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return Read(id, out var identity) is { } broken ? throw new FormatException($"'{Shorten(id)}' is not a SPIFFE id: {broken}.") : identity!;
    }

    /// <summary>Reads a SPIFFE id; false when it is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? id, [NotNullWhen(true)] out ServiceIdentity? identity)
    {
        identity = null;
        return id is not null && Read(id, out identity) is null;
    }

    /// <summary>Whether the text can be a trust domain: 1 to 255 characters of <c>a-z</c>, <c>0-9</c>, <c>.</c>, <c>_</c>, <c>-</c>, in either case.</summary>
    public static bool IsTrustDomain([NotNullWhen(true)] string? trustDomain) =>
        trustDomain is { Length: > 0 and <= MaxTrustDomainLength } && trustDomain.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <inheritdoc/>
    public bool Equals(ServiceIdentity? other) => other is not null && (ReferenceEquals(this, other) || string.Equals(_id, other._id, StringComparison.Ordinal));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ServiceIdentity);

    /// <inheritdoc/>
    public override int GetHashCode() => _id.GetHashCode(StringComparison.Ordinal);

    /// <summary>The id.</summary>
    public override string ToString() => _id;

    /// <summary>Null when it is valid, else the rule it breaks.</summary>
    private static string? Read(string id, out ServiceIdentity? identity)
    {
        identity = null;
        if (id.Length > MaxLength)
        {
            return $"it is longer than {MaxLength} bytes";
        }

        if (!Ascii.IsValid(id))
        {
            return "it has characters outside ASCII";
        }

        if (!id.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return "its scheme is not spiffe";
        }

        var rest = id.AsSpan(Scheme.Length);
        var slash = rest.IndexOf('/');
        var domain = (slash < 0 ? rest : rest[..slash]).ToString();
        if (!IsTrustDomain(domain))
        {
            return "its trust domain is not 1 to 255 letters, digits, '.', '_' or '-' (no user, port, query, fragment or percent sign)";
        }

        if (slash < 0 || rest.Length == slash + 1)
        {
            return "it has no path, so it names the trust domain and not a workload";
        }

        var path = rest[slash..];
        foreach (var range in path[1..].Split('/'))
        {
            var segment = path[1..][range];
            if (segment.IsEmpty || segment is "." or "..")
            {
                return "its path has an empty segment, a dot segment or a trailing slash";
            }

            foreach (var c in segment)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
                {
                    return "its path has a character other than letters, digits, '.', '_' and '-'";
                }
            }
        }

        identity = new ServiceIdentity(domain.ToLowerInvariant(), path.ToString());
        return null;
    }

    // The text goes into logs, and whoever wrote it may be a stranger: nothing but printable ASCII.
    private static string Shorten(string id)
    {
        var shown = string.Concat(id.Take(100).Select(c => c is >= ' ' and <= '~' ? c.ToString() : $"\\u{(int)c:x4}"));
        return id.Length <= 100 ? shown : shown + "…";
    }
}
