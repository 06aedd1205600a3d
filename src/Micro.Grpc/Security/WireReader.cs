namespace Micro.Grpc.Security;

/// <summary>
/// Walks over the fields of one Protocol Buffers message. By hand, because the library copies every field, and one of them is a private key: here all values lie in the
/// one array that is wiped afterwards. Source: the encoding of Protocol Buffers.
/// </summary>
internal ref struct WireReader(ReadOnlyMemory<byte> message)
{
    private ReadOnlyMemory<byte> _rest = message;

    /// <summary>The next field with bytes, text or a message in it; others are skipped. False at the end.</summary>
    /// <exception cref="InvalidDataException">It is no such message.</exception>
    public bool Read(out int field, out ReadOnlyMemory<byte> value)
    {
        while (!_rest.IsEmpty)
        {
            var tag = ReadNumber();
            field = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0: ReadNumber(); break;
                case 1: Take(8); break;
                case 2: value = Take(ReadNumber()); return true;
                case 5: Take(4); break;
                default: throw new InvalidDataException("A field has an unknown form.");
            }
        }

        (field, value) = (0, default);
        return false;
    }

    private ReadOnlyMemory<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length)
        {
            throw new InvalidDataException("A field is longer than the message.");
        }

        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }

    private ulong ReadNumber()
    {
        var number = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1).Span[0];
            number |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return number;
            }
        }

        throw new InvalidDataException("A number has more than ten bytes.");
    }
}
