using System.Reflection;
using Micro.Generators.Tests.Support;
using Microsoft.CodeAnalysis;

namespace Micro.Generators.Tests;

/// <summary>Contracts that cannot work: what is said of them, where, and that nothing is generated for an error.</summary>
public sealed class DiagnosticTests
{
    private const string Types = """

        public sealed record Ask(string Text);
        public sealed record Answer(string Text);
        """;

    [Fact]
    public void Every_rule_has_an_id_a_title_a_remedy_and_a_help_link_and_is_released()
    {
        var rules = typeof(Rules).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (DiagnosticDescriptor)field.GetValue(null)!).ToList();

        Assert.Equal(Enumerable.Range(1, rules.Count).Select(i => $"MICRO{i:000}"), rules.Select(rule => rule.Id));
        Assert.All(rules, rule => Assert.Equal("docs/rpc.md#" + rule.Id.ToLowerInvariant(), rule.HelpLinkUri));
        Assert.All(rules, rule => Assert.Matches("; |: ", rule.MessageFormat.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Assert.All(rules, rule => Assert.False(string.IsNullOrEmpty(rule.Title.ToString(System.Globalization.CultureInfo.InvariantCulture))));
    }

    [Fact]
    public void MICRO001_overloads_and_names_that_differ_by_Async()
    {
        Reports("MICRO001", "Task<Answer> HelloAsync(Ask ask);\n Task<Answer> {|HelloAsync|}(string ask);", "'Hello' on the wire", "another name");
        Reports("MICRO001", "Task<Answer> HelloAsync(Ask ask);\n Task<Answer> {|Hello|}(string ask);");
    }

    [Fact]
    public void MICRO002_generic_method() => Reports("MICRO002", "Task<Answer> {|HelloAsync|}<T>(Ask ask);", "no type arguments", "concrete type");

    [Fact]
    public void MICRO002_generic_interface_and_one_within_a_generic_class()
    {
        ReportsSource("MICRO002", "[MicroService(\"c\"), Allow(Callers.Anyone)] public interface {|IContract|}<T> { Task PingAsync(); }");
        ReportsSource("MICRO002", "public class Outer<T> { [MicroService(\"c\"), Allow(Callers.Anyone)] public interface {|IContract|} { Task PingAsync(); } }", "Outer<T>");
    }

    [Fact]
    public void MICRO003_several_messages() => Reports("MICRO003", "Task<Answer> {|HelloAsync|}(Ask ask, int count, CancellationToken cancellationToken);", "2 message parameters", "one record");

    [Fact]
    public void MICRO004_results_that_are_not_awaited()
    {
        Reports("MICRO004", "Answer {|Hello|}(Ask ask);", "returns 'Answer'", "Task<T>");
        Reports("MICRO004", "void {|Hello|}(Ask ask);");
        Reports("MICRO004", "IEnumerable<Answer> {|Hello|}(Ask ask);");
        Reports("MICRO004", "ref Answer {|Hello|}(Ask ask);");
        Reports("MICRO004", "Task<Answer>? {|Hello|}(Ask ask);");
    }

    [Fact]
    public void MICRO005_members_that_cannot_be_called()
    {
        Reports("MICRO005", "Task PingAsync();\n int {|Count|} { get; set; }", "a property", "Task<T>");
        Reports("MICRO005", "Task PingAsync();\n int {|this|}[int index] { get; }");
        Reports("MICRO005", "Task PingAsync();\n event Action {|Changed|};", "an event", "IAsyncEnumerable<T>");
        Reports("MICRO005", "Task PingAsync();\n static abstract Task {|MakeAsync|}();", "static");
        Reports("MICRO005", "Task PingAsync();\n protected Task {|HideAsync|}();", "protected");
    }

    [Fact]
    public void MICRO005_disposal_is_not_a_call()
    {
        ReportsSource("MICRO005", "[MicroService(\"c\"), Allow(Callers.Anyone)] public interface {|IContract|} : IAsyncDisposable { Task PingAsync(); }", "the class that implements it");
        ReportsSource("MICRO005", "[MicroService(\"c\"), Allow(Callers.Anyone)] public interface {|IContract|} : IDisposable { Task PingAsync(); }");
    }

    [Fact]
    public void MICRO006_token_or_context_that_is_not_the_one_last_parameter()
    {
        Reports("MICRO006", "Task HelloAsync(CancellationToken {|cancellationToken|}, Ask ask);", "CancellationToken", "at the end");
        Reports("MICRO006", "Task HelloAsync(Ask ask, CallContext {|context|}, CancellationToken cancellationToken);", "CallContext");
    }

    [Fact]
    public void MICRO007_parameters_by_reference()
    {
        Reports("MICRO007", "Task HelloAsync(ref Ask {|ask|});", "'ref' parameter", "take off 'ref'");
        Reports("MICRO007", "Task HelloAsync(out Ask {|ask|});", "'out'");
        Reports("MICRO007", "Task HelloAsync(in Ask {|ask|});", "'in'");
        Reports("MICRO007", "Task HelloAsync(ref readonly Ask {|ask|});", "'ref readonly'");
    }

    [Fact]
    public void MICRO008_types_of_one_process()
    {
        NotCarried("Action", "a delegate is code");
        NotCarried("Func<int, string>", "a delegate is code");
        NotCarried("Stream", "IAsyncEnumerable<T> of chunks");
        NotCarried("MemoryStream", "IAsyncEnumerable<T> of chunks");
        NotCarried("Task<Answer>", "send its result");
        NotCarried("ValueTask<int>", "send its result");
        NotCarried("Type", "must not choose a type");
        NotCarried("System.Reflection.MethodInfo", "must not choose a type");
        NotCarried("IntPtr", "use long");
        NotCarried("nuint", "use long");
        NotCarried("InvalidOperationException", "throw CallException");
    }

    [Fact]
    public void MICRO008_types_that_are_not_known()
    {
        NotCarried("object", "JsonElement");
        NotCarried("dynamic", "JsonElement");
        NotCarried("IComparable", "which class to make");
        NotCarried("IServiceProvider", "which class to make");
        NotCarried("System.Collections.IList", "List<T>");
        NotCarried("Shape", "abstract class", "public abstract record Shape(int Sides);");
        NotCarried("int[,]", "array of arrays");
        NotCarried("(int Count, string Name)", "use a record");
        NotCarried("Dictionary<Ask, int>", "the key of a map");
        NotCarried("List<object>", "JsonElement");
        NotCarried("int*[]", "pointer");
    }

    [Fact]
    public void MICRO008_ref_structs_and_pointers_as_messages()
    {
        Reports("MICRO008", "Task HelloAsync(ReadOnlySpan<byte> {|ask|});", "ReadOnlyMemory<byte>");
        Reports("MICRO008", "unsafe Task HelloAsync(int* {|ask|});", "a pointer means nothing");
        Reports("MICRO008", "unsafe Task HelloAsync(delegate*<void> {|ask|});", "a pointer means nothing");
    }

    [Fact]
    public void MICRO008_is_found_deep_in_a_message_and_said_once_for_a_contract()
    {
        const string deep = """
            public sealed record Outer(List<Middle> Middles);
            public sealed class Middle { public Dictionary<string, Inner?[]> Inners { get; } = []; public Outer? Up { get; set; } }
            public struct Inner { public Action? Callback { get; set; } [JsonIgnore] public Action? Ignored { get; set; } }
            """;
        Reports("MICRO008", "Task OneAsync(Outer {|ask|});\n Task TwoAsync(Outer ask);\n Task<Outer> ThreeAsync();", "'Inner.Callback'", types: deep);
    }

    [Fact]
    public void MICRO009_streams_within_messages()
    {
        Reports("MICRO009", "Task HelloAsync(Upload {|ask|});", "'Upload.Chunks'", "return type as IAsyncEnumerable<T>", types: "public sealed record Upload(string Name, IAsyncEnumerable<byte[]> Chunks);");
        Reports("MICRO009", "Task<IAsyncEnumerable<Answer>> {|HelloAsync|}(Ask ask);", "'the result'");
        Reports("MICRO009", "Task HelloAsync(IAsyncEnumerable<IAsyncEnumerable<Ask>> {|asks|});");
        Reports("MICRO009", "Task<System.Threading.Channels.ChannelReader<Answer>> {|HelloAsync|}(Ask ask);");
        Reports("MICRO009", "Task HelloAsync(IObservable<Ask> {|asks|});");
    }

    [Fact]
    public void MICRO010_a_contract_without_a_context_in_a_project_without_reflection()
    {
        const string source = "[MicroService(\"shop\"), Allow(Callers.Anyone)] public interface {|ICart|} { Task<Answer> HelloAsync(Ask ask); }" + Types;

        ReportsSource("MICRO010", source, [("PublishAot", "true")], "sends 'Ask'", "[MicroService(\"shop\", Json = typeof(CartJson))]");
        ReportsSource("MICRO010", source, [("IsAotCompatible", "True")]);
        Generated.Clean(source.Replace("{|", "", StringComparison.Ordinal).Replace("|}", "", StringComparison.Ordinal), ("PublishAot", "false"));
    }

    [Fact]
    public void MICRO010_text_bytes_nothing_and_protobuf_need_no_context() =>
        Generated.Clean(
            "[MicroService(\"c\"), Allow(Callers.Anyone)] public interface IContract { Task<string> AAsync(byte[] a); Task BAsync(ReadOnlyMemory<byte> b); Task<Proto> CAsync(IAsyncEnumerable<Proto> c); }"
            + "public sealed class Proto : Google.Protobuf.IMessage; namespace Google.Protobuf { public interface IMessage; }",
            ("PublishAot", "true"));

    [Fact]
    public void MICRO011_a_context_that_lacks_a_message()
    {
        var source = Context("[JsonSerializable(typeof(Ask))]", "Task<Answer> {|HelloAsync|}(Ask ask);\n Task<Answer> AgainAsync(Ask ask);");

        ReportsSource("MICRO011", source, "'the result' of 'HelloAsync'", "add [JsonSerializable(typeof(Answer))]");
    }

    [Fact]
    public void MICRO011_a_message_that_is_part_of_another_is_described()
    {
        var source = Context("[JsonSerializable(typeof(Dictionary<string, Page<Answer>?[]>))]", "Task<Answer> HelloAsync(int? count);\n IAsyncEnumerable<Page<Answer>> PagesAsync();");

        Generated.Clean(source + "public record struct Page<T>(IReadOnlyList<T> Items, int Count);");
    }

    [Fact]
    public void MICRO012_service_names()
    {
        foreach (var name in new[] { "", "has space", "naïve", "a/b", new string('x', 201) })
        {
            ReportsSource("MICRO012", $"[MicroService(\"{name}\"), Allow(Callers.Anyone)] public interface {{|IContract|}} {{ Task PingAsync(); }}", "1 to 200");
        }

        Generated.Clean($"[MicroService(\"{new string('x', 196)}.0_-\"), Allow(Callers.Anyone)] public interface IContract {{ Task PingAsync(); }}");
        Reports("MICRO012", "[Allow(\"not a name\")] Task {|PingAsync|}();", "'not a name'");
    }

    [Fact]
    public void MICRO022_open_to_everyone_and_for_a_scope()
    {
        Reports("MICRO022", "[Public, RequireScope(\"a\")] Task {|PingAsync|}();", "take one of the two off");
        Reports("MICRO022", "[Allow(Callers.Anyone), RequireScope(\"a\")] Task {|PingAsync|}();");
    }

    [Fact]
    public void MICRO023_allowed_and_denied_in_one_place()
    {
        Reports("MICRO023", "[Public, Deny(Callers.Anyone)] Task {|PingAsync|}();", "everyone");
        Reports("MICRO023", "[Allow(\"orders\"), Deny(\"orders\")] Task {|PingAsync|}();", "'orders'");
        Reports("MICRO023", "[Allow(\"orders\"), Deny(Callers.TrustDomain)] Task {|PingAsync|}();", "the trust domain");
        Generated.Clean("[MicroService(\"c\")] public interface IContract { [Allow(Callers.TrustDomain), Deny(\"orders\")] Task PingAsync(); }");
    }

    [Fact]
    public void MICRO024_scopes()
    {
        foreach (var scope in new[] { "", "*", "a b", "a*" })
        {
            Reports("MICRO024", $"[RequireScope(\"{scope}\")] Task {{|PingAsync|}}();", "without blanks");
        }
    }

    [Fact]
    public void MICRO025_groups_that_do_not_exist() => Reports("MICRO025", "[Allow((Callers)7)] Task {|PingAsync|}();", "Callers.TrustDomain");

    [Fact]
    public void MICRO013_contract_and_method_names()
    {
        foreach (var name in new[] { "", ".", "a..b", "../admin", "a/b", "a b", "a.", "é" })
        {
            ReportsSource("MICRO013", $"[MicroService(\"c\", Contract = \"{name}\"), Allow(Callers.Anyone)] public interface {{|IContract|}} {{ Task PingAsync(); }}", "package.Service");
        }

        ReportsSource("MICRO013", "[MicroService(\"c\"), Allow(Callers.Anyone)] public interface {|ICafé|} { Task PingAsync(); }", "'c.Café'");
        Reports("MICRO013", "Task {|GrüßeAsync|}();", "'Grüße'");
    }

    [Fact]
    public void MICRO014_route_keys_of_streams_of_requests()
    {
        const string keyed = "public sealed record Keyed([RouteKey] string Id);";
        ReportsButWorks("MICRO014", "Task HelloAsync(IAsyncEnumerable<Keyed> {|asks|});", "'Keyed.Id'", types: keyed);
        ReportsButWorks("MICRO014", "IAsyncEnumerable<Keyed> HelloAsync([RouteKey] IAsyncEnumerable<string> {|asks|});", "CallOptions.RouteKey", types: keyed);
    }

    [Fact]
    public void MICRO014_is_not_said_of_a_message_whose_key_another_method_uses() =>
        Generated.Clean(Contract("Task HelloAsync(IAsyncEnumerable<Keyed> asks);\n Task OneAsync(Keyed ask);", "public sealed record Keyed([RouteKey] string Id);"));

    [Fact]
    public void MICRO015_route_keys_that_cannot_be_used()
    {
        Reports("MICRO015", "Task HelloAsync(Keyed {|ask|});", "Id, Other", "keep one", types: "public sealed record Keyed([RouteKey] string Id, [property: RouteKey] string Other);");
        Reports("MICRO015", "Task HelloAsync(Keyed {|ask|});", "Other, Id", "keep one", types: "public record One([RouteKey] string Id); public sealed record Keyed(string Id, [RouteKey] int Other) : One(Id);");
        Reports("MICRO015", "Task HelloAsync([RouteKey] Ask {|ask|});", "mark the property");
        Reports("MICRO015", "Task HelloAsync(Keyed {|ask|});", "overrides ToString", types: "public sealed record Keyed([RouteKey] List<string> Ids);");
        Reports("MICRO015", "Task HelloAsync(Keyed {|ask|});", "public getter", types: "public sealed class Keyed { [RouteKey] private string Id => \"\"; }");
    }

    [Fact]
    public void MICRO016_two_contracts_of_one_name()
    {
        ReportsSource("MICRO016", """
            namespace One { [MicroService("c"), Allow(Callers.Anyone)] public interface IContract { Task PingAsync(); } }
            namespace Two { [MicroService("c"), Allow(Callers.Anyone)] public interface {|IContract|} { Task PingAsync(); } }
            """, [], 2, "One.IContract", "Two.IContract", "'c.Contract'");
    }

    [Fact]
    public void MICRO017_a_method_nobody_may_call()
    {
        var generated = Generated.From("[MicroService(\"c\")] public interface IContract { Task PingAsync(); [Allow(Callers.Anyone)] Task PongAsync(); }");

        var finding = Assert.Single(generated.Findings);
        Assert.Equal("MICRO017", finding.Id);
        Assert.Contains("'PingAsync'", finding.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Contains("[Allow(Callers.TrustDomain)]", finding.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Single(generated.Sources);
    }

    [Fact]
    public void MICRO018_idempotent_streams_of_requests()
    {
        ReportsButWorks("MICRO018", "[Idempotent] Task {|HelloAsync|}(IAsyncEnumerable<Ask> asks);", "not retried");
        ReportsButWorks("MICRO018", "[Idempotent] IAsyncEnumerable<Answer> {|HelloAsync|}(IAsyncEnumerable<Ask> asks);");
        Generated.Clean(Contract("[Idempotent] IAsyncEnumerable<Answer> HelloAsync(Ask ask);"));
    }

    [Fact]
    public void MICRO019_contracts_out_of_reach()
    {
        ReportsSource("MICRO019", "public class Outer { [MicroService(\"c\"), Allow(Callers.Anyone)] private interface {|IContract|} { Task PingAsync(); } }", "private");
        ReportsSource("MICRO019", "[MicroService(\"c\"), Allow(Callers.Anyone)] file interface {|IContract|} { Task PingAsync(); }", "local to its file");
    }

    [Fact]
    public void MICRO020_a_contract_without_a_method() =>
        ReportsSource("MICRO020", "[MicroService(\"c\"), Allow(Callers.Anyone)] public interface {|IContract|} { static int Count => 1; }", "no method to call");

    [Fact]
    public void MICRO021_a_json_type_that_is_no_context() =>
        ReportsSource("MICRO021", "[MicroService(\"c\", Json = typeof(Ask)), Allow(Callers.Anyone)] public interface {|IContract|} { Task PingAsync(); }" + Types, "JsonSerializerContext");

    [Fact]
    public void A_pragma_in_the_source_silences_a_warning()
    {
        var generated = Generated.From("""
            #pragma warning disable MICRO017 // nobody calls it yet
            [MicroService("c")] public interface IContract { Task PingAsync(); }
            """);

        Assert.True(Assert.Single(generated.Findings).IsSuppressed);
    }

    [Fact]
    public void A_type_the_compiler_does_not_know_is_left_to_the_compiler()
    {
        var generated = Generated.From(Contract("Task<Missing> HelloAsync(List<Absent> ask);"));

        Assert.Empty(generated.Findings);
        Assert.Empty(generated.Sources);
        Assert.Equal(2, generated.CompilerFindings.Count);
    }

    [Fact]
    public void One_bad_contract_leaves_the_others_alone()
    {
        var generated = Generated.From("""
            [MicroService("a"), Allow(Callers.Anyone)] public interface IGood { Task PingAsync(); }
            [MicroService("b"), Allow(Callers.Anyone)] public interface IBad { int Count { get; } }
            """);

        Assert.Equal("IGood.g.cs", Assert.Single(generated.Sources).HintName);
    }

    [Fact]
    public void Well_known_collections_and_platform_values_are_carried() =>
        Generated.Clean(Contract("Task<Wide> HelloAsync(IReadOnlyDictionary<Guid, IReadOnlyList<ISet<DateOnly>>> ask);") + """
            public sealed record Wide(
                IEnumerable<int> A, ICollection<string?> B, IList<long> C, HashSet<Guid> D, Queue<TimeSpan> E, Stack<Uri> F, System.Collections.Immutable.ImmutableArray<Half> G,
                IDictionary<int, KeyValuePair<string, decimal>> H, SortedDictionary<DayOfWeek, DateTimeOffset?> I, Memory<byte> J, ReadOnlyMemory<char>? K, JsonElement L, JsonDocument M,
                System.Text.Json.Nodes.JsonObject N, Version O, Int128 P, char Q, byte[][] R, DateTime S, TimeOnly T, [property: JsonConverter(typeof(Own))] object U, Animal V, Tree W, System.Net.IPAddress X);
            public sealed class Own : JsonConverter<object>
            {
                public override object? Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => null;
                public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options) { }
            }
            [JsonDerivedType(typeof(Cat), "cat")] public abstract record Animal(string Name);
            public sealed record Cat(string Name) : Animal(Name);
            public sealed class Tree : List<Tree>;
            """);

    private static string Contract(string methods, string types = "") =>
        $"[MicroService(\"c\"), Allow(Callers.Anyone)]\npublic interface IContract\n{{\n {methods}\n}}\n{types}{Types}\n";

    private static string Context(string attributes, string methods) => $$"""
        [MicroService("c", Json = typeof(TestJson)), Allow(Callers.Anyone)]
        public interface IContract { {{methods}} }
        {{Types}}
        {{attributes}}
        internal sealed class TestJson() : JsonSerializerContext(null)
        {
            public static TestJson Default { get; } = new();
            protected override JsonSerializerOptions? GeneratedSerializerOptions => null;
            public override JsonTypeInfo? GetTypeInfo(Type type) => null;
        }

        """;

    private static void NotCarried(string type, string remedy, string types = "")
    {
        // As a property of a message: there every type may stand.
        var unsafely = type.Contains('*', StringComparison.Ordinal) ? "unsafe " : "";
        Reports("MICRO008", "Task HelloAsync(Holder {|ask|});", "'Holder.Value", remedy, types: $"public {unsafely}class Holder {{ public {type}? Value {{ get; set; }} }} {types}".Replace("*[]?", "*[]", StringComparison.Ordinal));
    }

    private static void Reports(string id, string methods, string first = "", string second = "", string types = "") =>
        ReportsSource(id, Contract(methods, types), first, second);

    private static void ReportsButWorks(string id, string methods, string fragment = "", string types = "") =>
        ReportsSource(id, Contract(methods, types), [], 1, fragment);

    private static void ReportsSource(string id, string source, params string[] fragments) => ReportsSource(id, source, [], fragments);

    private static void ReportsSource(string id, string source, (string Name, string Value)[] properties, params string[] fragments) =>
        ReportsSource(id, source, properties, id is "MICRO010" or "MICRO011" ? 1 : 0, fragments);

    /// <summary>Reported once, at the marked text, with the fragments in its message; and so many files are generated.</summary>
    private static void ReportsSource(string id, string source, (string Name, string Value)[] properties, int files, params string[] fragments)
    {
        var start = source.IndexOf("{|", StringComparison.Ordinal);
        var end = source.IndexOf("|}", StringComparison.Ordinal) - 2;
        var generated = Generated.From(source.Replace("{|", "", StringComparison.Ordinal).Replace("|}", "", StringComparison.Ordinal), properties);

        var finding = Assert.Single(generated.Findings);
        Assert.Equal(id, finding.Id);
        Assert.Equal((start, end), (finding.Location.SourceSpan.Start, finding.Location.SourceSpan.End));
        Assert.All(fragments, fragment => Assert.Contains(fragment, finding.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));
        Assert.Equal(files, generated.Sources.Length);
    }
}
