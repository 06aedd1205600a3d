using System.Text.Json;
using Micro.Security;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.Rpc;

/// <summary>
/// The contract <c>micro.Reflection</c> that every process serves, so that tools can ask any instance of any service what it can do.
/// </summary>
internal static class ReflectionContract
{
    public const string Name = "micro.Reflection";

    private static readonly CallMethod<NoMessage, ServiceDescription> Describe = CallMethod.Unary<NoMessage, ServiceDescription>(
        new MethodDescription(
            Spec("micro"), [new CallRule { Id = Name + "/Describe#1", Effect = RuleEffect.Allow, Caller = "*/*" }], Summary: "Describes the contracts this process serves."),
        static (handler, _, _) => new(((Handler)handler).Describe()));

    public static readonly ContractDescriptor Descriptor = new(typeof(Handler), "micro", Name, [Describe], json: ReflectionJson.Default);

    public static CallSpec Spec(string service) => new(service, Name, "Describe", CallKind.Unary, idempotent: true);

    public static HostedContract Hosted { get; } = new(
        Descriptor,
        static services => new Handler(services.GetServices<HostedContract>(), services.GetRequiredService<ServerPipeline>()),
        "Micro")
    {
        IsRegistered = false,
    };

    public static ServiceDescription Read(ReadOnlyMemory<byte> json) =>
        JsonSerializer.Deserialize(json.Span, ReflectionJson.Default.ServiceDescription)
        ?? throw new CallException(CallStatusCode.Internal, "The description is empty.");

    private sealed class Handler(IEnumerable<HostedContract> contracts, ServerPipeline pipeline)
    {
        public ServiceDescription Describe() => new(
        [
            .. contracts
                .Select(hosted => hosted.Contract)
                .OrderBy(contract => contract.Name, StringComparer.Ordinal)
                .Select(contract => new ContractDescription(contract.Name, contract.Service, [.. contract.Methods.Select(DescribeMethod)])),
        ]);

        private DescribedMethod DescribeMethod(CallMethod method) => new(
            method.Spec.Method,
            method.Spec.Kind,
            method.Spec.Idempotent,
            method.Description.Summary,
            JsonElement.Parse(method.Description.RequestSchema),
            JsonElement.Parse(method.Description.ResponseSchema),
            pipeline.Find(method.Spec.Path)?.ContentTypes ?? [])
        {
            Rules = ContractRules.Of(method),
        };
    }
}
