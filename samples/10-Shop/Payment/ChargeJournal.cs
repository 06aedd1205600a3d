using System.Text.Json;
using Shop.Contracts;

namespace Shop.Payment;

/// <summary>
/// Every charge that was made, one line each, in a file that is only ever added to: what the journal has twice was paid twice. Read at start, so that a restarted
/// process knows what its predecessor charged. Thread-safe.
/// </summary>
internal sealed class ChargeJournal : IDisposable
{
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Dictionary<string, Charge> _byOrder = [];
    private readonly FileStream _file;
    private int _lines;

    private ChargeJournal(FileStream file) => _file = file;

    public static ChargeJournal Open(string path)
    {
        var journal = new ChargeJournal(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read));
        using var reader = new StreamReader(journal._file, leaveOpen: true);
        while (reader.ReadLine() is { } line)
        {
            var charge = JsonSerializer.Deserialize(line, ChargeJson.Default.Charge) is { V: 1 } known
                ? known
                : throw new InvalidDataException($"{path} has a line of a version this program does not know: {line}");
            journal._byOrder.TryAdd(charge.Order, charge);
            journal._lines++;
        }

        return journal;
    }

    /// <summary>Makes the charge unless the order has one.</summary>
    /// <returns>The charge, and whether it was there before.</returns>
    public async Task<(Charge Charge, bool Repeated)> ChargeOnceAsync(ChargeRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (_byOrder.TryGetValue(request.OrderId, out var earlier))
            {
                return earlier.Cents == request.Cents
                    ? (earlier, true)
                    : throw new CallException(CallStatusCode.AlreadyExists, $"Order '{request.OrderId}' was charged {earlier.Cents} cents before.");
            }

            var charge = new Charge(1, $"C{_lines + 1:D6}", request.OrderId, request.Card, request.Cents, now);

            // From here on the charge is made, whether or not the caller still waits.
            await _file.WriteAsync((byte[])[.. JsonSerializer.SerializeToUtf8Bytes(charge, ChargeJson.Default.Charge), (byte)'\n'], CancellationToken.None);
            await _file.FlushAsync(CancellationToken.None);
            _lines++;
            _byOrder.Add(request.OrderId, charge);
            return (charge, false);
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        _writing.Dispose();
    }
}
