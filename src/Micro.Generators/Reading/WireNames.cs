namespace Micro.Generators.Reading;

/// <summary>The names that go on the wire, and which of them are valid there.</summary>
internal static class WireNames
{
    private const int MaxLength = 200;

    /// <summary>The C# name without <c>Async</c>, case exact.</summary>
    public static string Method(string name) =>
        name.Length > 5 && name.EndsWith("Async", StringComparison.Ordinal) ? name.Substring(0, name.Length - 5) : name;

    /// <summary>The service, a dot and the interface's name without its I.</summary>
    public static string Contract(string service, string interfaceName) =>
        service + "." + (interfaceName.Length > 1 && interfaceName[0] == 'I' && char.IsUpper(interfaceName[1]) ? interfaceName.Substring(1) : interfaceName);

    /// <summary>The rule <c>ServiceInstance.CheckName</c> enforces.</summary>
    public static bool IsService(string name) => name.Length is > 0 and <= MaxLength && name.All(c => IsWord(c) || c is '.' or '-');

    /// <summary>One segment of a path: no spelling of it may be changed on the way, so no empty part between dots either.</summary>
    public static bool IsContract(string name) =>
        name.Length is > 0 and <= (2 * MaxLength) && name.Split('.').All(part => part.Length > 0 && part.All(c => IsWord(c) || c == '-'));

    public static bool IsMethod(string name) => name.Length is > 0 and <= MaxLength && name.All(IsWord);

    private static bool IsWord(char c) => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_';
}
