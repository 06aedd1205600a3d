using Micro.Generators.Models;
using Microsoft.CodeAnalysis;

namespace Micro.Generators.Reading;

/// <summary>Reads one method of a contract; reports what is wrong with it.</summary>
internal sealed class MethodReader(ContractScope scope, IMethodSymbol method)
{
    private const string AsyncEnumerable = "System.Collections.Generic.IAsyncEnumerable`1";
    private const string NoMessage = "global::Micro.NoMessage";

    /// <summary>Types of the messages the method sends, after <see cref="Read"/>.</summary>
    public List<ITypeSymbol> Messages { get; } = [];

    /// <summary>The model; null when the method cannot be called.</summary>
    public MethodModel? Read(CancellationToken cancellationToken)
    {
        if (method.IsGenericMethod)
        {
            scope.Report(Rules.Generic, method, method.ToReadable());
            return null;
        }

        var signature = ReadParameters();
        var result = ReadResult(out var response);
        if (signature is not { } parameters || result is not { } shape)
        {
            return null;
        }

        var request = StreamOf(parameters.Message?.Type, out var requests);
        if (!IsBound(request, response) || !CheckMessages(parameters.Message, request, response))
        {
            return null;
        }

        return Model(parameters, request, requests, response, shape, cancellationToken);
    }

    private MethodModel Model(
        (IParameterSymbol? Message, IParameterSymbol? Last) parameters, ITypeSymbol? request, bool requests, ITypeSymbol? response, ResultShape result, CancellationToken cancellationToken)
    {
        var shape = (requests, result == ResultShape.Stream) switch
        {
            (false, false) => MethodShape.Unary,
            (false, true) => MethodShape.ServerStream,
            (true, false) => MethodShape.ClientStream,
            (true, true) => MethodShape.Duplex,
        };
        return new MethodModel
        {
            Name = method.Name.Escaped(),
            WireName = WireName(),
            DeclaringType = method.ContainingType.ToBareCode(),
            Shape = shape,
            Result = result,
            ReturnType = method.ReturnType.ToCode(),
            RequestType = request?.ToCode() ?? NoMessage,
            ResponseType = response?.ToCode() ?? NoMessage,
            RequestParameterType = parameters.Message?.Type.ToCode(),
            Last = parameters.Last is null ? LastParameter.None : IsContext(parameters.Last) ? LastParameter.CallContext : LastParameter.CancellationToken,
            LastParameterType = parameters.Last?.Type.ToCode(),
            Idempotent = Idempotent(requests),
            Rules = new EquatableArray<RuleModel>(RuleReader.Read(method, scope)),
            RouteKey = request is null ? null : RouteKeyReader.Read(method, parameters.Message, request, requests, scope),
            RequestSchema = Schema(request),
            ResponseSchema = Schema(response),
            Summary = SummaryReader.Read(method, cancellationToken),
        };
    }

    private string WireName()
    {
        var name = WireNames.Method(method.Name);
        if (!WireNames.IsMethod(name))
        {
            scope.Report(Rules.ContractWireName, method, name, $"'{method.Name}'", "name the method with letters, digits and '_' of ASCII");
        }

        return name;
    }

    private bool Idempotent(bool requests)
    {
        var idempotent = method.Has("Micro.IdempotentAttribute");
        if (idempotent && requests)
        {
            scope.Report(Rules.IdempotentStream, method, method.Name);
        }

        return idempotent;
    }

    private (IParameterSymbol? Message, IParameterSymbol? Last)? ReadParameters()
    {
        var before = scope.Findings.Count;
        var messages = new List<IParameterSymbol>();
        IParameterSymbol? last = null;
        foreach (var parameter in method.Parameters)
        {
            if (parameter.RefKind != RefKind.None)
            {
                var modifier = parameter.RefKind switch { RefKind.Out => "out", RefKind.In => "in", RefKind.Ref => "ref", _ => "ref readonly" };
                scope.Report(Rules.ByReference, parameter, parameter.Name, method.Name, modifier);
            }
            else if (!IsToken(parameter) && !IsContext(parameter))
            {
                messages.Add(parameter);
            }
            else if (parameter.Ordinal == method.Parameters.Length - 1)
            {
                last = parameter;
            }
            else
            {
                scope.Report(Rules.LastParameter, parameter, method.Name, parameter.Type.Name);
            }
        }

        if (messages.Count > 1)
        {
            scope.Report(Rules.SeveralMessages, method, method.Name, $"{messages.Count}");
        }

        return scope.Findings.Count == before ? (messages.FirstOrDefault(), last) : null;
    }

    private ResultShape? ReadResult(out ITypeSymbol? response)
    {
        var type = method.ReturnType as INamedTypeSymbol;
        response = type is { TypeArguments.Length: 1 } ? type.TypeArguments[0] : null;
        ResultShape? shape = type is null || method.ReturnsByRef || method.ReturnsByRefReadonly || type.MayBeNull() ? null : type.MetadataPath() switch
        {
            "System.Threading.Tasks.Task" => ResultShape.Task,
            "System.Threading.Tasks.Task`1" => ResultShape.TaskOf,
            "System.Threading.Tasks.ValueTask" => ResultShape.ValueTask,
            "System.Threading.Tasks.ValueTask`1" => ResultShape.ValueTaskOf,
            AsyncEnumerable => ResultShape.Stream,
            _ => null,
        };
        if (shape is null && !method.ReturnType.IsUnknown())
        {
            scope.Report(Rules.ReturnType, method, method.Name, method.ReturnType.ToReadable());
        }

        return shape;
    }

    /// <summary>The compiler has reported types it does not know; more about them would be noise.</summary>
    private static bool IsBound(ITypeSymbol? request, ITypeSymbol? response) => request?.IsUnknown() != true && response?.IsUnknown() != true;

    private bool CheckMessages(IParameterSymbol? parameter, ITypeSymbol? request, ITypeSymbol? response)
    {
        var carried = true;
        if (request is not null)
        {
            Messages.Add(request);
            carried = new MessageChecker(scope, parameter!, method.Name).Check(parameter!.Name, request);
        }

        if (response is not null)
        {
            Messages.Add(response);
            carried &= new MessageChecker(scope, method, method.Name).Check("the result", response);
        }

        return carried;
    }

    private string Schema(ITypeSymbol? type) =>
        type is null ? """{"title":"NoMessage","type":"object"}""" : SchemaWriter.Write(type, scope.Json);

    private static ITypeSymbol? StreamOf(ITypeSymbol? type, out bool stream)
    {
        stream = type?.Is(AsyncEnumerable) == true;
        return stream ? ((INamedTypeSymbol)type!).TypeArguments[0] : type;
    }

    private static bool IsToken(IParameterSymbol parameter) => parameter.Type.Is("System.Threading.CancellationToken");

    private static bool IsContext(IParameterSymbol parameter) => parameter.Type.Is("Micro.CallContext");
}
