// Writes orders.jsonl, the input of the shop: `dotnet run make-orders.cs`. With one seed, so it always writes the same file.
#:property PublishAot=false
using System.Globalization;
using System.Text;
using System.Text.Json;

const int Orders = 600;
const int Seed = 20260131;

var random = new Random(Seed);
using var catalogue = JsonDocument.Parse(await File.ReadAllBytesAsync("Catalogue/products.json"));
var skus = catalogue.RootElement.EnumerateArray().Select(product => product.GetProperty("sku").GetString()!).ToArray();
string[] first = ["anna", "ben", "carla", "david", "elif", "finn", "greta", "hugo", "ines", "jonas", "kaya", "lena", "milan", "nora", "omar", "paula"];
string[] last = ["berg", "costa", "dubois", "eder", "frank", "huber", "jansen", "keller", "lund", "moreau", "novak", "peters", "roth", "sorensen", "vogel"];
(string Code, int Weight)[] countries = [("DE", 60), ("AT", 12), ("NL", 10), ("FR", 10), ("DK", 8)];
(string? Code, int Weight)[] coupons = [(null, 70), ("WELCOME10", 12), ("TEATIME", 8), ("POSTFREE", 6), ("FIVEOFF", 4)];

// A few articles sell far better than the rest, in an order of their own.
var popular = skus.OrderBy(_ => random.Next()).Select((sku, rank) => (sku, (int)(1000 / (1 + rank * 0.6)))).ToArray();
var lines = new StringBuilder();
for (var number = 1; number <= Orders; number++)
{
    var items = Enumerable.Range(0, Weighted([(1, 30), (2, 28), (3, 20), (4, 12), (6, 7), (9, 3)])).Select(_ => Weighted(popular)).Distinct()
        .Select(sku => new { sku, quantity = Weighted([(1, 62), (2, 24), (3, 8), (6, 5), (12, 1)]) }).ToArray();
    lines.Append(JsonSerializer.Serialize(new
    {
        id = string.Create(CultureInfo.InvariantCulture, $"A-{number:D4}"),
        customer = $"{first[random.Next(first.Length)]}.{last[random.Next(last.Length)]}",
        country = Weighted(countries),
        card = string.Create(CultureInfo.InvariantCulture, $"tok_{(random.Next(3) == 0 ? "visa" : "mc")}_{random.Next(10_000):D4}"),
        coupon = Weighted(coupons),
        items,
    })).Append('\n');
}

await File.WriteAllTextAsync("orders.jsonl", lines.ToString());
Console.WriteLine($"{Orders} orders written to orders.jsonl");

T Weighted<T>(ReadOnlySpan<(T Value, int Weight)> choices)
{
    var total = 0;
    foreach (var choice in choices)
    {
        total += choice.Weight;
    }

    var drawn = random.Next(total);
    foreach (var (value, weight) in choices)
    {
        if ((drawn -= weight) < 0)
        {
            return value;
        }
    }

    throw new InvalidOperationException("The weights add up to more than they are.");
}
