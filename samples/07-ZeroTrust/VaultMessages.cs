using System.Text.Json;
using System.Text.Json.Serialization;

namespace Samples.ZeroTrust;

public sealed record BalanceQuery(string Account);

public sealed record Balance(string Account, decimal Amount);

/// <param name="Looks">How often somebody looked at an account.</param>
/// <param name="Auditor">The account the report is for.</param>
/// <param name="Through">The service it asked through.</param>
public sealed record AuditReport(int Looks, string Auditor, string Through);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BalanceQuery))]
[JsonSerializable(typeof(Balance))]
[JsonSerializable(typeof(AuditReport))]
public sealed partial class VaultJson : JsonSerializerContext;
