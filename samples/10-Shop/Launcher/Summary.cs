using System.Text.Json;
using System.Text.Json.Serialization;

namespace Shop.Launcher;

/// <summary>The outcome of a run, as it is written on the last line.</summary>
internal sealed record Summary
{
    /// <summary>Orders placed.</summary>
    public required int Orders { get; init; }

    /// <summary>Orders that were not, or not with one and the same receipt.</summary>
    public required int Failed { get; init; }

    /// <summary>Charges beyond the first of an order, counted in the payment service's journal.</summary>
    public required int Duplicates { get; init; }

    /// <summary>Median time of a PlaceOrder call, in milliseconds.</summary>
    public required double P50Ms { get; init; }

    /// <summary>99th percentile of the same.</summary>
    public required double P99Ms { get; init; }

    /// <summary>Orders by the instance of pricing that calculated them.</summary>
    public required IReadOnlyDictionary<string, int> PerInstance { get; init; }

    /// <summary>Orders charged, by the journal.</summary>
    public required int Charged { get; init; }

    /// <summary>Orders sent twice at once.</summary>
    public required int Resent { get; init; }

    /// <summary>Orders followed through the duplex stream.</summary>
    public required int Followed { get; init; }

    /// <summary>Those of them that the stream told were delivered.</summary>
    public required int Delivered { get; init; }

    /// <summary>Calls served by all processes.</summary>
    public long Calls { get; init; }

    /// <summary>How long placing them took.</summary>
    public double Seconds { get; init; }

    /// <summary>The instance that was killed.</summary>
    public string? Killed { get; init; }

    /// <summary>The instance that joined.</summary>
    public string? Joined { get; init; }

    public static async Task<Summary> OfAsync(Tally tally, OrderFollower follower, Incident incident, string journal)
    {
        var (p50, p99) = tally.Percentiles();
        var audit = await ChargeAudit.ReadAsync(journal);
        return new Summary
        {
            Orders = tally.Placed,
            Failed = tally.Failed,
            Duplicates = audit.Duplicates,
            P50Ms = p50,
            P99Ms = p99,
            PerInstance = tally.PricedBy,
            Charged = audit.Orders,
            Resent = tally.Resent,
            Followed = follower.Followed,
            Delivered = follower.Delivered,
            Killed = incident.Killed,
            Joined = incident.Joined,
        };
    }

    /// <summary>Orders that were lost or paid twice; empty when there are none.</summary>
    public IEnumerable<string> Losses()
    {
        if (Failed > 0)
        {
            yield return $"{Failed} orders failed";
        }

        if (Duplicates > 0)
        {
            yield return $"{Duplicates} charges were made twice";
        }
    }

    /// <summary>What is not as it should be after a whole file; empty when all is well.</summary>
    public IEnumerable<string> Faults(int expected)
    {
        (bool Bad, string Fault)[] all =
        [
            (Orders != expected, $"{Orders} of {expected} orders were placed"),
            (Charged != Orders, $"{Charged} of {Orders} orders were charged"),
            (Killed is null, "no instance was killed"),
            (Joined is null, "no instance joined"),
            (Killed is not null && PerInstance.GetValueOrDefault(Killed) == 0, $"{Killed} priced nothing before it was killed"),
            (Joined is not null && PerInstance.GetValueOrDefault(Joined) == 0, $"{Joined} priced nothing after it had joined"),
            (Delivered != Followed, $"{Delivered} of {Followed} orders followed were delivered"),
        ];
        return Losses().Concat(all.Where(one => one.Bad).Select(one => one.Fault));
    }

    public string ToJson() => JsonSerializer.Serialize(this, SummaryJson.Default.Summary);

    public IEnumerable<string> ToTable()
    {
        yield return "";
        yield return $"  orders placed       {Orders} in {Seconds:0.0} s, {Calls} calls between the services";
        yield return $"  failed              {Failed}";
        yield return $"  charged twice       {Duplicates}  (of {Charged} orders in the payment journal; {Resent} orders were sent twice at once)";
        yield return $"  PlaceOrder          p50 {P50Ms:0.0} ms, p99 {P99Ms:0.0} ms";
        yield return $"  followed live       {Followed}, delivered {Delivered}";
        foreach (var (instance, orders) in PerInstance)
        {
            var fate = instance == Killed ? ", then killed" : instance == Joined ? ", having joined later" : "";
            yield return $"  {instance,-18}  {orders,4} orders priced{fate}";
        }

        yield return "";
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Summary))]
internal sealed partial class SummaryJson : JsonSerializerContext;
