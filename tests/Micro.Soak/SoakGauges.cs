using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Micro.Soak;

/// <summary>
/// What the platform counts up and down of open requests and connections, by name and, for connections of a client, by state. To be made before what it counts.
/// Thread-safe.
/// </summary>
internal sealed class SoakGauges : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _values = [];
    private readonly MeterListener _listener = new();

    public SoakGauges(params IReadOnlyCollection<string> names)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (names.Contains(instrument.Name))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, change, tags, _) =>
        {
            var name = instrument.Name;
            foreach (var tag in tags)
            {
                if (tag.Key == "http.connection.state")
                {
                    name += "." + tag.Value;
                }
            }

            _values.AddOrUpdate(name, change, (_, value) => value + change);
        });
        _listener.Start();
    }

    public long this[string name] => _values.GetValueOrDefault(name);

    public void Dispose() => _listener.Dispose();
}
