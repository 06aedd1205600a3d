using System.Collections;
using System.Collections.Frozen;

namespace Micro;

/// <summary>
/// Headers of a call: an ordered list of names and values, several values per name, names lower case and compared as such.
/// Not safe for concurrent change. What a server receives and what it sends on are different objects: nothing is forwarded by accident.
/// </summary>
/// <remarks>
/// Names starting with <c>grpc-</c> or <c>micro-</c> are reserved and refused, and so are those by which proxies say who calls. Values are visible ASCII and spaces; a name ending in
/// <c>-bin</c> holds base64 of any bytes (<see cref="AddBinary"/>), as gRPC does it.
/// </remarks>
public sealed class CallHeaders : IReadOnlyList<KeyValuePair<string, string>>
{
    private static readonly FrozenSet<string> Framing = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "content-type", "content-length", "content-encoding", "accept-encoding", "transfer-encoding", "te", "trailer",
        "connection", "keep-alive", "proxy-connection", "upgrade", "host");

    // With these, proxies tell services behind them who calls. Here only the certificate and the token do (TRN-10).
    private static readonly FrozenSet<string> Identities = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "x-forwarded-client-cert", "x-spiffe-id", "l5d-client-id");

    private List<KeyValuePair<string, string>>? _items;

    /// <summary>Number of name and value pairs.</summary>
    public int Count => _items?.Count ?? 0;

    /// <summary>The pair at a position, in the order added.</summary>
    public KeyValuePair<string, string> this[int index] =>
        _items is null ? throw new ArgumentOutOfRangeException(nameof(index)) : _items[index];

    /// <summary>First value of a name in any case, or null. Setting replaces all values; null removes.</summary>
    public string? this[string name]
    {
        get
        {
            if (_items is not null)
            {
                foreach (var item in _items)
                {
                    if (string.Equals(item.Key, name, StringComparison.OrdinalIgnoreCase))
                    {
                        return item.Value;
                    }
                }
            }

            return null;
        }

        set
        {
            if (value is null)
            {
                Remove(name);
                return;
            }

            // Checked first, so that a value that cannot be sent leaves the old ones.
            var key = Check(name, value);
            Remove(key);
            (_items ??= []).Add(new(key, value));
        }
    }

    /// <summary>Adds a value; earlier ones of the same name stay.</summary>
    /// <exception cref="ArgumentException">The name is empty, reserved or not a header name, or the value holds CR, LF, NUL or non-ASCII.</exception>
    public CallHeaders Add(string name, string value)
    {
        (_items ??= []).Add(new(Check(name, value), value));
        return this;
    }

    /// <summary>Adds bytes as base64 under a name that ends in <c>-bin</c>.</summary>
    public CallHeaders AddBinary(string name, ReadOnlySpan<byte> value)
    {
        if (!name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"A binary header's name ends in -bin; '{name}' does not.", nameof(name));
        }

        return Add(name, Convert.ToBase64String(value));
    }

    /// <summary>Decodes a binary header.</summary>
    /// <returns>Null when it is absent.</returns>
    /// <exception cref="FormatException">The value is not base64.</exception>
    public byte[]? GetBinary(string name)
    {
        var value = this[name];
        if (value is null)
        {
            return null;
        }

        // Senders may leave the padding out (gRPC over HTTP/2, "Binary-Header").
        return Convert.FromBase64String(value.PadRight((value.Length + 3) & ~3, '='));
    }

    /// <summary>All values of a name, in order.</summary>
    public IEnumerable<string> GetAll(string name)
    {
        foreach (var item in this)
        {
            if (string.Equals(item.Key, name, StringComparison.OrdinalIgnoreCase))
            {
                yield return item.Value;
            }
        }
    }

    /// <summary>True when there is at least one value.</summary>
    public bool Contains(string name) => this[name] is not null;

    /// <summary>Removes all values of a name; says whether there were any.</summary>
    public bool Remove(string name) =>
        _items is not null && _items.RemoveAll(item => string.Equals(item.Key, name, StringComparison.OrdinalIgnoreCase)) > 0;

    /// <summary>Adds all of another list; with <paramref name="overwrite"/> false, names already here keep their values.</summary>
    public CallHeaders Merge(CallHeaders? other, bool overwrite = true)
    {
        if (other is null or { Count: 0 } || ReferenceEquals(other, this))
        {
            return this;
        }

        var before = Count == 0 ? null : new HashSet<string>(_items!.Select(item => item.Key));
        foreach (var name in overwrite && before is not null ? other.Select(item => item.Key).Distinct() : [])
        {
            Remove(name);
        }

        foreach (var item in other.ToArray())
        {
            if (overwrite || before is null || !before.Contains(item.Key))
            {
                (_items ??= []).Add(item);
            }
        }

        return this;
    }

    /// <summary>An independent copy.</summary>
    public CallHeaders Copy() => new() { _items = _items is null ? null : [.. _items] };

    /// <summary>The pairs, in the order added.</summary>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() =>
        (_items ?? Enumerable.Empty<KeyValuePair<string, string>>()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>True for the names that transports own: pseudo headers, <c>grpc-*</c>, <c>micro-*</c>, those that frame a message and those that claim an identity.</summary>
    public static bool IsReserved(string name) =>
        name.Length == 0 || name[0] == ':'
        || name.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("micro-", StringComparison.OrdinalIgnoreCase)
        || Framing.Contains(name) || Identities.Contains(name);

    /// <summary>
    /// For transports: adds what came from the wire, skipping what is reserved, and what no caller may set. Says whether it was taken.
    /// </summary>
    public bool TryAddReceived(string name, string value)
    {
        if (IsReserved(name) || value.AsSpan().ContainsAny('\r', '\n', '\0'))
        {
            return false;
        }

        (_items ??= []).Add(new(name.ToLowerInvariant(), value));
        return true;
    }

    /// <summary>Whether a value that was received can be sent on.</summary>
    internal static bool CanSend(string value) => Unsendable(value) < 0;

    private static string Check(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var key = CheckName(name);
        return Unsendable(value) is var position and >= 0
            ? throw new ArgumentException(
                $"The value of header '{key}' holds a character that cannot be sent (U+{(int)value[position]:X4}). Use a name ending in -bin and AddBinary.",
                nameof(value))
            : key;
    }

    private static int Unsendable(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] is < ' ' and not '\t' or > '~')
            {
                return i;
            }
        }

        return -1;
    }

    private static string CheckName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
            {
                throw new ArgumentException($"'{name}' is not a header name: letters, digits, '-', '_' and '.' only.", nameof(name));
            }
        }

        if (IsReserved(name))
        {
            throw new ArgumentException($"Header '{name}' is reserved for the transport.", nameof(name));
        }

        return name.ToLowerInvariant();
    }
}
