using System.Diagnostics.Metrics;

namespace Micro.Security;

/// <summary>Counters of credentials, in the meter <c>Micro</c>. Thread-safe.</summary>
internal sealed class SecurityTelemetry
{
    private readonly Counter<long> _renewals;
    private readonly Counter<long> _failures;

    /// <param name="meters">The host's; null in a host without metrics.</param>
    public SecurityTelemetry(IMeterFactory? meters)
    {
        var meter = meters?.Create("Micro") ?? new Meter("Micro");
        _renewals = meter.CreateCounter<long>("micro.security.credential.renewals", "{credential}", "Leaf certificates and trust bundles taken into use.");
        _failures = meter.CreateCounter<long>("micro.security.credential.failures", "{failure}", "Leaf certificates and trust bundles that could not be had; the last good one is kept.");
    }

    /// <param name="source">Name of the provider: <c>local</c>, <c>pem</c>.</param>
    /// <param name="what"><c>leaf</c> or <c>bundle</c>.</param>
    public void Renewed(string source, string what) => _renewals.Add(1, Source(source), What(what));

    /// <param name="source">Name of the provider: <c>local</c>, <c>pem</c>.</param>
    /// <param name="what"><c>leaf</c> or <c>bundle</c>.</param>
    public void Failed(string source, string what) => _failures.Add(1, Source(source), What(what));

    private static KeyValuePair<string, object?> Source(string source) => new("micro.security.source", source);

    private static KeyValuePair<string, object?> What(string what) => new("micro.security.material", what);
}
