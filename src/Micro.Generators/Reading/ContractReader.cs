using Micro.Generators.Models;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Micro.Generators.Reading;

/// <summary>Reads a <c>[MicroService]</c> interface into a model, or into what is wrong with it.</summary>
internal static class ContractReader
{
    private const string JsonContext = "System.Text.Json.Serialization.JsonSerializerContext";

    public static ContractResult Read(GeneratorAttributeSyntaxContext context, CancellationToken cancellationToken)
    {
        var contract = (INamedTypeSymbol)context.TargetSymbol;
        var attribute = context.Attributes[0];
        var place = ((InterfaceDeclarationSyntax)context.TargetNode).Identifier.GetLocation();
        var json = attribute.Named("Json")?.Value as INamedTypeSymbol;
        var isContext = json?.IsOrDerivesFrom(JsonContext) == true && context.SemanticModel.Compilation.IsSymbolAccessibleWithin(json, contract.ContainingAssembly);
        var scope = new ContractScope(contract, JsonProfile.Of(isContext ? json : null), context.SemanticModel.Compilation, place);
        if (json is not null && !isContext && json.TypeKind != TypeKind.Error)
        {
            scope.Report(Rules.JsonContext, null, json.ToReadable(), json.Name);
        }

        var service = attribute.ConstructorArguments.FirstOrDefault().Value as string ?? "";
        var wireName = ReadName(scope, attribute, service);
        var messages = new List<ITypeSymbol>();
        var methods = ReadMethods(scope, messages, cancellationToken, out var whole);
        CheckContract(scope, methods, whole);

        // A contract that was not understood whole has been reported, here or by the compiler, and generating half of it would hide that.
        var model = scope.Failed || !whole ? null : new ContractModel
        {
            Namespace = contract.ContainingNamespace.ToCode(),
            TypeName = TypeName(contract),
            Type = contract.ToBareCode(),
            Service = service,
            WireName = wireName,
            Json = json?.ToBareCode(),
            Methods = new EquatableArray<MethodModel>(methods),
        };
        return new ContractResult(
            model,
            new ContractName(wireName, contract.ToDisplayString(), SourcePlace.Of(place)),
            new EquatableArray<Finding>(scope.Findings),
            json is null ? NeedsJson(scope, messages, service) : null);
    }

    private static string ReadName(ContractScope scope, AttributeData attribute, string service)
    {
        if (!WireNames.IsService(service))
        {
            scope.Report(Rules.ServiceName, null, service);
        }

        var given = attribute.Named("Contract")?.Value as string;
        var name = given ?? WireNames.Contract(service, scope.Contract.Name);
        if (!WireNames.IsContract(name) && (given is not null || WireNames.IsService(service)))
        {
            scope.Report(Rules.ContractWireName, null, name, $"'{scope.Contract.Name}'", "set Contract to parts of ASCII letters, digits, '_' or '-' joined by single dots, as in \"package.Service\"");
        }

        return name;
    }

    private static List<MethodModel> ReadMethods(ContractScope scope, List<ITypeSymbol> messages, CancellationToken cancellationToken, out bool whole)
    {
        whole = true;
        var models = new List<MethodModel>();
        foreach (var method in Callable(scope))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var reader = new MethodReader(scope, method);
            var model = reader.Read(cancellationToken);
            whole &= model is not null;
            messages.AddRange(reader.Messages);
            if (model is not null)
            {
                models.Add(model);
                CheckAllowed(scope, method, model);
            }
        }

        return models;
    }

    /// <summary>The methods to bind, each wire name once; the other members are reported.</summary>
    private static List<IMethodSymbol> Callable(ContractScope scope)
    {
        var methods = new Dictionary<string, IMethodSymbol>(StringComparer.Ordinal);
        var inOrder = new List<IMethodSymbol>();

        // An accessor is left out: its property or event is a member of its own.
        foreach (var member in Members(scope.Contract).Where(member => member is not IMethodSymbol { AssociatedSymbol: not null }))
        {
            if (Refusal(member) is { } refusal)
            {
                scope.Report(Rules.Member, member, member.ToReadable(), refusal.What, refusal.Remedy);
            }
            else if (member is IMethodSymbol { MethodKind: MethodKind.Ordinary } method)
            {
                var wireName = WireNames.Method(method.Name);
                if (methods.TryGetValue(wireName, out var other))
                {
                    scope.Report(Rules.Overload, method, other.ToReadable(), method.ToReadable(), wireName);
                    continue;
                }

                methods.Add(wireName, method);
                inOrder.Add(method);
            }
        }

        return inOrder;
    }

    /// <summary>The contract's own members, then the inherited. Members with a body are local: they are not called over the wire.</summary>
    private static IEnumerable<ISymbol> Members(INamedTypeSymbol contract) =>
        new[] { contract }.Concat(contract.AllInterfaces).SelectMany(type => type.GetMembers()).Where(member => member.IsAbstract && member is not INamedTypeSymbol);

    private static (string What, string Remedy)? Refusal(ISymbol member)
    {
        if (member.ContainingType.SpecialType == SpecialType.System_IDisposable || member.ContainingType.Is("System.IAsyncDisposable"))
        {
            return ("the end of an object's life", "take the interface off the contract and put it on the class that implements it");
        }

        return member switch
        {
            { IsStatic: true } => ("static", "make it a method of the object"),
            IPropertySymbol => ("a property", "make it a method that returns Task<T>"),
            IEventSymbol => ("an event", "make it a method that returns IAsyncEnumerable<T>"),
            IMethodSymbol { MethodKind: MethodKind.Ordinary, DeclaredAccessibility: Accessibility.Protected or Accessibility.ProtectedAndInternal or Accessibility.ProtectedOrInternal } =>
                ("protected", "make it public, or give it a body"),
            _ => null,
        };
    }

    private static void CheckAllowed(ContractScope scope, IMethodSymbol method, MethodModel model)
    {
        if (model.Rules.All(rule => !rule.Allows))
        {
            scope.Report(Rules.NobodyAllowed, method, method.Name);
        }
    }

    private static void CheckContract(ContractScope scope, List<MethodModel> methods, bool whole)
    {
        for (var type = scope.Contract; type is not null; type = type.ContainingType)
        {
            if (type.Arity > 0)
            {
                scope.Report(Rules.Generic, scope.Contract, type.ToReadable());
            }

            if (type.IsFileLocal || type.DeclaredAccessibility is not (Accessibility.Public or Accessibility.Internal or Accessibility.ProtectedOrInternal))
            {
                scope.Report(Rules.NotAccessible, scope.Contract, type.ToReadable(), type.IsFileLocal ? "local to its file" : "private or protected");
            }
        }

        if (methods.Count == 0 && whole && !scope.Failed)
        {
            scope.Report(Rules.Empty, scope.Contract, scope.Contract.ToReadable());
        }
    }

    private static Finding? NeedsJson(ContractScope scope, List<ITypeSymbol> messages, string service)
    {
        var first = messages.FirstOrDefault(MessageChecker.NeedsMetadata);
        return first is null ? null : Finding.Of(Rules.JsonMissing, scope.Place, scope.Contract.ToReadable(), $"'{first.ToReadable()}'", service, WireNames.Contract("", scope.Contract.Name).Substring(1));
    }

    private static string TypeName(INamedTypeSymbol type) =>
        type.ContainingType is { } outer ? TypeName(outer) + "_" + type.Name : type.Name;
}
