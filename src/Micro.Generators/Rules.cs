using Microsoft.CodeAnalysis;

namespace Micro.Generators;

/// <summary>What can be wrong with a contract. Every message names what is wrong and how it is mended; ids are never reused.</summary>
internal static class Rules
{
    private const string Category = "Micro";
    private const string Help = "docs/rpc.md#";

    public static readonly DiagnosticDescriptor Overload = new(
        "MICRO001",
        "Two methods of a contract have the same wire name",
        "'{0}' and '{1}' are both called '{2}' on the wire; a method's wire name is its C# name without 'Async', so give one of them another name",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro001");

    public static readonly DiagnosticDescriptor Generic = new(
        "MICRO002",
        "A contract is generic",
        "'{0}' is generic, and a call on the wire has no type arguments; declare it for the concrete type (a contract may inherit a generic interface with its arguments given)",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro002");

    public static readonly DiagnosticDescriptor SeveralMessages = new(
        "MICRO003",
        "A contract method has more than one message parameter",
        "'{0}' has {1} message parameters, and a request is one message; put them into one record",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro003");

    public static readonly DiagnosticDescriptor ReturnType = new(
        "MICRO004",
        "A contract method returns a type that is not awaited",
        "'{0}' returns '{1}'; return Task, Task<T>, ValueTask, ValueTask<T> or IAsyncEnumerable<T>",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro004");

    public static readonly DiagnosticDescriptor Member = new(
        "MICRO005",
        "A member of a contract cannot be called from another process",
        "'{0}' is {1}, which cannot be called from another process; {2}",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro005");

    public static readonly DiagnosticDescriptor LastParameter = new(
        "MICRO006",
        "The token or context of a contract method is not its one last parameter",
        "'{0}' takes a {1} that is not its one last parameter; put one CancellationToken or one CallContext (which carries the token) at the end",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro006");

    public static readonly DiagnosticDescriptor ByReference = new(
        "MICRO007",
        "A parameter of a contract method is passed by reference",
        "'{0}' of '{1}' is a '{2}' parameter, and a message is sent by value; take off '{2}' and return what is to come back",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro007");

    public static readonly DiagnosticDescriptor NotCarried = new(
        "MICRO008",
        "No codec can carry a message type",
        "'{0}' of '{1}' has the type '{2}', which no codec can carry: {3}",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro008");

    public static readonly DiagnosticDescriptor NestedStream = new(
        "MICRO009",
        "A stream is nested in a message",
        "'{0}' of '{1}' has the type '{2}', a stream inside a message; make it the method's only message parameter or its return type as IAsyncEnumerable<T>, or send a list",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro009");

    public static readonly DiagnosticDescriptor JsonMissing = new(
        "MICRO010",
        "A contract has no JSON context in a project that runs without reflection",
        "'{0}' sends {1} and the project sets IsAotCompatible or PublishAot; declare a JsonSerializerContext with [JsonSerializable] for each message and name it: [MicroService(\"{2}\", Json = typeof({3}Json))]",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro010");

    public static readonly DiagnosticDescriptor JsonIncomplete = new(
        "MICRO011",
        "The JSON context of a contract lacks a message type",
        "'{0}' of '{1}' has the type '{2}', which '{3}' does not describe; add [JsonSerializable(typeof({4}))] to it",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro011");

    public static readonly DiagnosticDescriptor ServiceName = new(
        "MICRO012",
        "A service name is not valid",
        "'{0}' is not a service name; use 1 to 200 letters, digits, '.', '_' or '-' of ASCII",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro012");

    public static readonly DiagnosticDescriptor ContractWireName = new(
        "MICRO013",
        "A wire name is not valid",
        "'{0}' cannot be the wire name of {1}; {2}",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro013");

    public static readonly DiagnosticDescriptor RouteKeyIgnored = new(
        "MICRO014",
        "A route key of a stream is not used",
        "'{0}' of '{1}' has [RouteKey], but the instance is picked before the first message of a stream of requests is read; take it off, or pass the key by CallOptions.RouteKey",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro014");

    public static readonly DiagnosticDescriptor RouteKeyInvalid = new(
        "MICRO015",
        "A route key cannot be used",
        "The [RouteKey] of '{0}' cannot be used: {1}",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro015");

    public static readonly DiagnosticDescriptor DuplicateContract = new(
        "MICRO016",
        "Two contracts have the same wire name",
        "'{0}' and '{1}' are both called '{2}' on the wire; rename one interface or set Contract on its [MicroService]",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro016");

    public static readonly DiagnosticDescriptor NobodyAllowed = new(
        "MICRO017",
        "Nobody may call a contract method",
        "'{0}' has no [Allow], nor has its contract, so every call is denied; add [Allow(Callers.TrustDomain)], or [Allow(\"service\")] for one caller, or [Public] for everyone, to the method or to the interface",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro017");

    public static readonly DiagnosticDescriptor IdempotentStream = new(
        "MICRO018",
        "[Idempotent] has little effect on a stream of requests",
        "'{0}' sends a stream, which is not retried once its first message was sent; take [Idempotent] off, or send a list as one request",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro018");

    public static readonly DiagnosticDescriptor NotAccessible = new(
        "MICRO019",
        "A contract cannot be reached by generated code",
        "'{0}' is {1}; declare it, and the types around it, public or internal",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro019");

    public static readonly DiagnosticDescriptor Empty = new(
        "MICRO020",
        "A contract has no method",
        "'{0}' declares and inherits no method to call; add one, or take [MicroService] off",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro020");

    public static readonly DiagnosticDescriptor JsonContext = new(
        "MICRO021",
        "The Json type of a contract is not a JSON context",
        "'{0}' is not a JsonSerializerContext that generated code can reach; declare it as 'internal partial class {1} : JsonSerializerContext'",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro021");

    public static readonly DiagnosticDescriptor PublicWithScope = new(
        "MICRO022",
        "A method is open to everyone and asks for a scope",
        "'{0}' is open to everyone and has [RequireScope(\"{1}\")], which nobody without an account has; take one of the two off",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro022");

    public static readonly DiagnosticDescriptor AllowedAndDenied = new(
        "MICRO023",
        "A caller is allowed and denied in one place",
        "'{0}' allows {1} and denies {2}, and deny beats allow, so the former never counts; take one of the two off",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro023");

    public static readonly DiagnosticDescriptor Scope = new(
        "MICRO024",
        "A scope is not valid",
        "'{0}' is not a scope; use a text without blanks, control characters and '*' (for whoever is verified write [Allow(Callers.Authenticated)])",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro024");

    public static readonly DiagnosticDescriptor UnknownCallers = new(
        "MICRO025",
        "A group of callers does not exist",
        "'{0}' names the group {1}, which does not exist; use Callers.TrustDomain, Callers.Authenticated or Callers.Anyone",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help + "micro025");
}
