using System.Text.Json;

namespace Shop.Launcher;

/// <summary>What the payment service's journal says, read by someone else than the service that wrote it.</summary>
/// <param name="Orders">Orders that were charged, without those of the rehearsal.</param>
/// <param name="Duplicates">Charges beyond the first of an order.</param>
internal readonly record struct ChargeAudit(int Orders, int Duplicates)
{
    /// <summary>What the ids of orders begin with that the staff place before the shop opens.</summary>
    public const string Rehearsal = "R-";

    public static async Task<ChargeAudit> ReadAsync(string journal)
    {
        var orders = new List<string>();
        await foreach (var line in File.ReadLinesAsync(journal))
        {
            using var charge = JsonDocument.Parse(line);
            orders.Add(charge.RootElement.GetProperty("order").GetString()!);
        }

        var distinct = orders.Distinct().ToArray();
        return new ChargeAudit(distinct.Count(order => !order.StartsWith(Rehearsal, StringComparison.Ordinal)), orders.Count - distinct.Length);
    }
}
