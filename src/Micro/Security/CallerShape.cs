namespace Micro.Security;

/// <summary>
/// Where a pattern has its wildcards. All patterns of one shape are found by one look-up: the caller's id, written with the wildcards of the shape in place, is the text
/// of the only pattern of that shape that can match it. So the cost of a decision grows with the shapes there are, not with the rules.
/// </summary>
/// <param name="Segments">Segments after the trust domain.</param>
/// <param name="Any">Bit i: segment i is <c>*</c>.</param>
/// <param name="Prefix">Fixed characters of a last segment that ends in <c>*</c>; -1 when it does not.</param>
internal sealed record CallerShape(int Segments, long Any, int Prefix)
{
    public const int MaxSegments = 32;

    public static CallerShape Of(string[] segments)
    {
        var any = 0L;
        for (var i = 0; i < segments.Length; i++)
        {
            any |= segments[i] == "*" ? 1L << i : 0;
        }

        var last = segments[^1];
        return new CallerShape(segments.Length, any, last.Length > 1 && last[^1] == '*' ? last.Length - 1 : -1);
    }

    /// <summary>Writes the id in this shape; 0 when it has another number of segments or a last one that is too short.</summary>
    public int Write(ReadOnlySpan<char> id, Span<char> text)
    {
        var path = id["spiffe://".Length..].IndexOf('/') + "spiffe://".Length;
        id[..path].CopyTo(text);
        var (at, length) = (path, path);
        for (var i = 0; i < Segments; i++)
        {
            if (at >= id.Length)
            {
                return 0;
            }

            text[length++] = '/';
            var rest = id[(at + 1)..];
            var segment = rest.IndexOf('/') is var end and >= 0 ? rest[..end] : rest;
            at += 1 + segment.Length;
            if ((Any >> i & 1) != 0)
            {
                text[length++] = '*';
                continue;
            }

            var prefix = i == Segments - 1 && Prefix >= 0;
            if (prefix && segment.Length < Prefix)
            {
                return 0;
            }

            segment = prefix ? segment[..Prefix] : segment;
            segment.CopyTo(text[length..]);
            length += segment.Length;
            if (prefix)
            {
                text[length++] = '*';
            }
        }

        return at == id.Length ? length : 0;
    }
}
