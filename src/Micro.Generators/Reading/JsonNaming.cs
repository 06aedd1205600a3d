using System.Text;

namespace Micro.Generators.Reading;

/// <summary>The naming policies of System.Text.Json; the numbers are those of <c>JsonKnownNamingPolicy</c>.</summary>
internal static class JsonNaming
{
    public const int AsIs = 0;
    public const int CamelCase = 1;
    public const int SnakeCaseLower = 2;
    public const int SnakeCaseUpper = 3;
    public const int KebabCaseLower = 4;
    public const int KebabCaseUpper = 5;

    public static string Apply(int policy, string name) => policy switch
    {
        CamelCase => Camel(name),
        SnakeCaseLower => Separated(name, '_').ToLowerInvariant(),
        SnakeCaseUpper => Separated(name, '_').ToUpperInvariant(),
        KebabCaseLower => Separated(name, '-').ToLowerInvariant(),
        KebabCaseUpper => Separated(name, '-').ToUpperInvariant(),
        _ => name,
    };

    /// <summary>What protoc's C# name comes from: <c>OrderId</c> was <c>order_id</c>, in JSON <c>orderId</c>.</summary>
    public static string LowerFirst(string name) => name.Length == 0 ? name : char.ToLowerInvariant(name[0]) + name.Substring(1);

    /// <summary>Lowers the capitals a name begins with, but the last of them when a word begins with it: <c>URLPath</c> is <c>urlPath</c>.</summary>
    private static string Camel(string name)
    {
        var capitals = name.TakeWhile(char.IsUpper).Count();
        var lowered = capitals > 1 && capitals < name.Length ? capitals - 1 : capitals;
        return name.Substring(0, lowered).ToLowerInvariant() + name.Substring(lowered);
    }

    private static string Separated(string name, char separator)
    {
        var result = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            var begins = i > 0 && char.IsUpper(name[i])
                && (char.IsLower(name[i - 1]) || char.IsDigit(name[i - 1]) || (char.IsUpper(name[i - 1]) && i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (begins)
            {
                result.Append(separator);
            }

            result.Append(name[i]);
        }

        return result.ToString();
    }
}
