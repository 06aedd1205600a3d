using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Micro.Cli.Terminal;

/// <summary>The JSON the tool writes: one compact document a line, text kept readable.</summary>
[JsonSerializable(typeof(ServiceListJson))]
[JsonSerializable(typeof(DescriptionJson))]
[JsonSerializable(typeof(FailureJson))]
[JsonSerializable(typeof(IdentityJson))]
[JsonSerializable(typeof(VerificationJson))]
[JsonSerializable(typeof(AccountsJson))]
[JsonSerializable(typeof(AccountsJson.Deletion), TypeInfoPropertyName = "AccountDeletion")]
[JsonSerializable(typeof(TokenJson))]
[JsonSerializable(typeof(RulesJson))]
[JsonSerializable(typeof(RulesJson.Removal), TypeInfoPropertyName = "RuleRemoval")]
[JsonSerializable(typeof(ExplanationJson))]
[JsonSerializable(typeof(AuthorityJson))]
[JsonSerializable(typeof(JoinTokenJson))]
internal sealed partial class ToolJson : JsonSerializerContext
{
    public static ToolJson Readable { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,

        // It goes to terminals and files, not into HTML: letters stay letters. Control characters are escaped all the same.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static string Line<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.Serialize(value, type);
}
