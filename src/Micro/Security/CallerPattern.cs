namespace Micro.Security;

/// <summary>
/// What a rule says of the calling service, in full: <c>spiffe://domain/segment/…</c> where a segment may be <c>*</c> and the last may end in <c>*</c>. Its text is
/// canonical, so that two rules of equal text mean the same callers. Null <see cref="Text"/>: any caller, or none.
/// </summary>
internal readonly record struct CallerPattern(string? Text, CallerShape? Shape)
{
    private const string Scheme = "spiffe://";

    public const string Allowed =
        "'*', a service 'orders', 'namespace/orders', or 'spiffe://domain/namespace/orders'; a segment after the domain may be '*', and the last may end in '*'";

    /// <summary>False when it is none; <see cref="Allowed"/> says what is.</summary>
    public static bool TryParse(string text, string trustDomain, string @namespace, out CallerPattern pattern)
    {
        pattern = default;
        if (text == "*")
        {
            return true;
        }

        var full = text.StartsWith(Scheme, StringComparison.Ordinal) ? text
            : text.IndexOf('/') is var slash && slash < 0 ? $"{Scheme}{trustDomain}/{@namespace}/{text}"
            : text.IndexOf('/', slash + 1) < 0 ? $"{Scheme}{trustDomain}/{text}"
            : "";
        var path = full.Length > Scheme.Length ? full.IndexOf('/', Scheme.Length) : -1;
        if (path < 0 || full.Length > ServiceIdentity.MaxLength || !ServiceIdentity.IsTrustDomain(full[Scheme.Length..path]))
        {
            return false;
        }

        var segments = full[(path + 1)..].Split('/');
        if (segments.Length > CallerShape.MaxSegments)
        {
            return false;
        }

        for (var i = 0; i < segments.Length; i++)
        {
            if (!IsSegment(segments[i], last: i == segments.Length - 1))
            {
                return false;
            }
        }

        var canonical = full[..path].ToLowerInvariant() + full[path..];
        pattern = new CallerPattern(canonical, canonical.Contains('*') ? CallerShape.Of(segments) : null);
        return true;
    }

    /// <summary>Whether the caller is meant; its identity is null when nothing was verified of it.</summary>
    public bool Matches(ServiceIdentity? identity)
    {
        if (Text is null)
        {
            return true;
        }

        if (identity is null)
        {
            return false;
        }

        var id = identity.ToString();
        return Shape is null ? string.Equals(Text, id, StringComparison.Ordinal) : MatchesSegments(Text, id);
    }

    private static bool MatchesSegments(ReadOnlySpan<char> pattern, ReadOnlySpan<char> id)
    {
        var (at, pat) = (Scheme.Length, Scheme.Length);
        while (true)
        {
            var end = pattern[pat..].IndexOf('/') is var next and >= 0 ? pat + next : pattern.Length;
            var idEnd = id[at..].IndexOf('/') is var idNext and >= 0 ? at + idNext : id.Length;
            var wanted = pattern[pat..end];
            var given = id[at..idEnd];
            var matches = wanted.EndsWith('*') ? given.StartsWith(wanted[..^1], StringComparison.Ordinal) : given.SequenceEqual(wanted);
            var last = end == pattern.Length;
            if (!matches || last != (idEnd == id.Length))
            {
                return false;
            }

            if (last)
            {
                return true;
            }

            (pat, at) = (end + 1, idEnd + 1);
        }
    }

    private static bool IsSegment(string segment, bool last)
    {
        if (segment == "*")
        {
            return true;
        }

        var fixedPart = last && segment.EndsWith('*') ? segment[..^1] : segment;
        return fixedPart.Length > 0 && (fixedPart is not ("." or "..") || fixedPart.Length < segment.Length)
            && fixedPart.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
    }
}
