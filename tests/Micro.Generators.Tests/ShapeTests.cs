using Micro.Generators.Tests.Support;
using Micro.Rpc;
using Micro.Security;

namespace Micro.Generators.Tests;

/// <summary>The shapes a contract method can have, compiled, loaded and called.</summary>
public sealed class ShapeTests
{
    private const string Types = """

        public sealed record Ask(string Text);
        public sealed record Answer(string Text);
        """;

    [Fact]
    public void Every_combination_of_request_result_and_last_parameter_is_bound()
    {
        string[] requests = ["", "Ask ask", "IAsyncEnumerable<Ask> asks"];
        string[] results = ["Task<Answer>", "ValueTask<Answer>", "Task", "ValueTask", "IAsyncEnumerable<Answer>"];
        string[] lasts = ["", "CancellationToken cancellationToken", "CancellationToken cancellationToken = default", "CallContext context", "CallContext? context = null"];
        var methods = from request in requests from result in results from last in lasts select (request, result, last);
        var body = string.Concat(methods.Select((m, i) => $"    {m.result} M{i}Async({string.Join(", ", new[] { m.request, m.last }.Where(p => p.Length > 0))});\n"));

        var contract = Generated.Clean($"[MicroService(\"all\"), Allow(Callers.Anyone)]\npublic interface IContract\n{{\n{body}}}\n{Types}").Load();

        Assert.Equal(75, contract.Methods.Count);
        var kinds = methods.Select(m => (m.request.StartsWith('I'), m.result.StartsWith('I')) switch
        {
            (false, false) => CallKind.Unary,
            (false, true) => CallKind.ServerStream,
            (true, false) => CallKind.ClientStream,
            (true, true) => CallKind.Duplex,
        });
        Assert.Equal(kinds, contract.Methods.Select(method => method.Spec.Kind));
        Assert.Equal(Enumerable.Range(0, 75).Select(i => $"/all.Contract/M{i}"), contract.Methods.Select(method => method.Spec.Path));
    }

    [Fact]
    public void No_message_stands_for_no_request_and_no_result()
    {
        var contract = Contract("Task PingAsync(CancellationToken cancellationToken);\n IAsyncEnumerable<Answer> TicksAsync();");

        Assert.IsType<CallMethod<NoMessage, NoMessage>>(contract.Methods[0], exactMatch: true);
        Assert.Equal(typeof(NoMessage), contract.Methods[1].GetType().GetGenericArguments()[0]);
        Assert.Equal("""{"title":"NoMessage","type":"object"}""", contract.Methods[0].Description.ResponseSchema);
    }

    [Fact]
    public void Wire_names_drop_Async_and_the_leading_I_and_keep_the_case()
    {
        var contract = Generated.Clean($$"""
            [MicroService("shop"), Allow(Callers.Anyone)]
            public interface Inventory { Task<Answer> findAsync(Ask ask); Task<Answer> FindAsync(Ask ask); Task<Answer> Async(Ask ask); Task<Answer> AsyncOrder(Ask ask); }
            {{Types}}
            """).Load("Inventory");

        Assert.Equal("shop.Inventory", contract.Name);
        Assert.Equal("shop", contract.Service);
        Assert.Equal(["find", "Find", "Async", "AsyncOrder"], contract.Methods.Select(method => method.Spec.Method));
    }

    [Fact]
    public void Contract_of_the_attribute_replaces_the_default_wire_name()
    {
        var contract = Generated.Clean($"[MicroService(\"greeter\", Contract = \"hello.v1.Greeter\"), Allow(Callers.Anyone)] public interface IContract {{ Task<Answer> HelloAsync(Ask ask); }} {Types}").Load();

        Assert.Equal("hello.v1.Greeter", contract.Name);
        Assert.Equal("/hello.v1.Greeter/Hello", contract.Methods[0].Spec.Path);
        Assert.Equal("greeter", contract.Methods[0].Spec.Service);
    }

    [Fact]
    public void Methods_of_inherited_interfaces_belong_to_the_contract_and_members_with_a_body_do_not()
    {
        var contract = Generated.Clean($$"""
            public interface IRead<T> { Task<T> ReadAsync(string id); }
            public interface IPing { Task PingAsync(); }
            [MicroService("store"), Allow(Callers.Anyone)]
            public interface IContract : IRead<Answer>, IPing
            {
                static string Version => "1";
                Task<Answer> WriteAsync(Ask ask);
                Task<Answer> WriteTextAsync(string text) => WriteAsync(new Ask(text));
            }
            {{Types}}
            """).Load();

        Assert.Equal(["Write", "Read", "Ping"], contract.Methods.Select(method => method.Spec.Method));
    }

    [Fact]
    public void Nullable_messages_keep_their_nullability()
    {
        var generated = Generated.Clean($"[MicroService(\"n\"), Allow(Callers.Anyone)] public interface IContract {{ Task<Answer?> FindAsync(Ask? ask); ValueTask<int?> CountAsync(IAsyncEnumerable<Ask?>? asks); }} {Types}");

        Assert.Contains("CallMethod<global::Ask?, global::Answer?>", generated.OneSource, StringComparison.Ordinal);
        Assert.Contains("CallMethod<global::Ask?, int?>", generated.OneSource, StringComparison.Ordinal);
    }

    [Fact]
    public void Keywords_nested_types_and_odd_namespaces_compile()
    {
        var contract = Generated.Clean("""
            namespace @event.@class.Micro
            {
                public static class Outer
                {
                    [MicroService("odd"), Allow(Callers.Anyone)]
                    public interface @interface { Task<@record> @lock(@record @in, CancellationToken @out); Task<@record> Register(@record request); Task<@record> Client(@record request); }
                    public sealed record @record(string @new);
                }
                public static class Descriptor;
                public static class System;
            }
            """).Load("event.class.Micro.Outer+interface");

        Assert.Equal("odd.interface", contract.Name);
        Assert.Equal(["lock", "Register", "Client"], contract.Methods.Select(method => method.Spec.Method));
    }

    [Fact]
    public void Obsolete_contracts_and_internal_ones_and_those_of_the_global_namespace_compile_without_a_warning() =>
        Generated.Clean($$"""
            [Obsolete("use another"), MicroService("old"), Allow(Callers.Anyone)]
            internal interface IContract { [Obsolete] Task<Answer> HelloAsync(Ask ask); }
            {{Types}}
            """);

    [Fact]
    public void Allow_of_the_method_replaces_that_of_the_interface()
    {
        var contract = Generated.Clean($$"""
            [MicroService("a"), Allow(Callers.TrustDomain), Allow("orders")]
            public interface IContract
            {
                Task<Answer> DefaultAsync(Ask ask);
                [Allow(Callers.Anyone)] Task<Answer> OpenAsync(Ask ask);
                [Allow("billing"), Allow("audit")] Task<Answer> ClosedAsync(Ask ask);
            }
            {{Types}}
            """).Load();

        Assert.Equal(["Default#1 Allow */* '*'", "Default#2 Allow orders '*'"], Rules(contract, 0));
        Assert.Equal(["Open#1 Allow * ''"], Rules(contract, 1));
        Assert.Equal(["Closed#1 Allow billing '*'", "Closed#2 Allow audit '*'"], Rules(contract, 2));
        Assert.Equal(
            new CallRule { Id = "a.Contract/Default#1", Effect = RuleEffect.Allow, Caller = "*/*", Name = "a.Contract", Operation = "Default" }, contract.Methods[0].Description.Rules[0]);
    }

    [Fact]
    public void Deny_of_the_method_and_of_the_interface_add_up()
    {
        var contract = Generated.Clean($$"""
            [MicroService("a"), Allow(Callers.TrustDomain), Deny("guest")]
            public interface IContract
            {
                Task<Answer> DefaultAsync(Ask ask);
                [Allow(Callers.Authenticated), Deny("audit"), Deny("guest")] Task<Answer> OwnAsync(Ask ask);
            }
            {{Types}}
            """).Load();

        Assert.Equal(["Default#1 Allow */* '*'", "Default#2 Deny guest '*'"], Rules(contract, 0));
        Assert.Equal(["Own#1 Allow * '*'", "Own#2 Deny guest '*'", "Own#3 Deny audit '*'"], Rules(contract, 1));
    }

    [Fact]
    public void A_scope_narrows_whoever_is_allowed_and_is_enough_where_nobody_is_named()
    {
        var contract = Generated.Clean($$"""
            [MicroService("a"), RequireScope("orders.read")]
            public interface IContract
            {
                Task<Answer> ScopeAsync(Ask ask);
                [Allow("billing"), Allow(Callers.TrustDomain)] Task<Answer> NarrowedAsync(Ask ask);
                [RequireScope("orders.write")] Task<Answer> OtherAsync(Ask ask);
                [Public] Task<Answer> OpenAsync(Ask ask);
                [Allow("billing"), RequireScope("orders.write"), Deny("audit")] Task<Answer> AllAsync(Ask ask);
            }
            {{Types}}
            """).Load();

        Assert.Equal(["Scope#1 Allow * 'orders.read'"], Rules(contract, 0));
        Assert.Equal(["Narrowed#1 Allow billing 'orders.read'", "Narrowed#2 Allow */* 'orders.read'"], Rules(contract, 1));
        Assert.Equal(["Other#1 Allow * 'orders.write'"], Rules(contract, 2));
        Assert.Equal(["Open#1 Allow * ''"], Rules(contract, 3));
        Assert.Equal(["All#1 Allow billing 'orders.write'", "All#2 Deny audit '*'"], Rules(contract, 4));
    }

    [Fact]
    public void Allow_of_an_inherited_interface_does_not_open_a_contract()
    {
        var generated = Generated.From($$"""
            [Allow(Callers.Anyone)] public interface IOpen { Task<Answer> OpenAsync(Ask ask); }
            [MicroService("a")] public interface IContract : IOpen;
            {{Types}}
            """);

        Assert.Equal("MICRO017", Assert.Single(generated.Findings).Id);
        Assert.Empty(generated.Load().Methods[0].Description.Rules);
    }

    [Fact]
    public void Idempotent_is_declared_on_the_specification()
    {
        var contract = Contract("[Idempotent] Task<Answer> ReadAsync(Ask ask);\n Task<Answer> WriteAsync(Ask ask);");

        Assert.Equal([true, false], contract.Methods.Select(method => method.Spec.Idempotent));
    }

    [Fact]
    public void Summary_is_the_first_sentence_of_the_doc_comment()
    {
        var contract = Contract("""
            /// <summary>
            /// Says <c>hello</c>, e.g. to <see cref="Ask.Text"/> &amp; others. More is said
            /// elsewhere.
            /// </summary>
            /// <param name="ask">Whom.</param>
            Task<Answer> HelloAsync(Ask ask);
            /** <summary>Waves</summary> */
            Task<Answer> WaveAsync(Ask ask);
            // Not a doc comment.
            Task<Answer> NodAsync(Ask ask);
            /// <summary>Broken & not XML.</summary>
            Task<Answer> BowAsync(Ask ask);
            """);

        Assert.Equal(["Says hello, e.g. to Text & others.", "Waves", null, null], contract.Methods.Select(method => method.Description.Summary));
    }

    private static ContractDescriptor Contract(string methods) =>
        Generated.Clean($"[MicroService(\"c\"), Allow(Callers.Anyone)]\npublic interface IContract\n{{\n{methods}\n}}\n{Types}").Load();

    private static IEnumerable<string> Rules(Micro.Rpc.ContractDescriptor contract, int method) =>
        contract.Methods[method].Description.Rules.Select(rule => $"{rule.Id.Split('/')[1]} {rule.Effect} {rule.Caller} '{rule.Scope}'");
}
