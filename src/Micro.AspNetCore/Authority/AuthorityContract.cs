using Micro.Rpc;
using Micro.Security;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.AspNetCore.Authority;

/// <summary>
/// The contract <c>micro.Authority</c>. <c>Roots</c> and <c>Join</c> are for those who have no certificate yet: the first says what is public anyway, the second takes a
/// token. The others are for the services of the trust domain.
/// </summary>
internal static class AuthorityContract
{
    private const string Roots = "Roots";
    private const string Join = "Join";
    private const string Renew = "Renew";
    private const string Bundle = "Bundle";

    /// <summary>What is served to those without a certificate.</summary>
    public static readonly IReadOnlyList<string> JoinPaths = [PathOf(Roots), PathOf(Join)];

    private static readonly ContractDescriptor Descriptor = new(
        typeof(AuthorityService),
        AuthorityRequests.Service,
        AuthorityRequests.Contract,
        [
            CallMethod.Unary<AuthorityRootsRequest, AuthorityRoots>(
                Describe(Roots, idempotent: true, anyone: true, "Gives the roots, which are public."), static (service, _, _) => new(((AuthorityService)service).Roots())),
            CallMethod.Unary<AuthorityJoin, AuthorityLeaf>(
                Describe(Join, idempotent: false, anyone: true, "Makes the first leaf of a service, for a join token."),
                static (service, request, context) => new(((AuthorityService)service).Join(request, context))),
            CallMethod.Unary<AuthorityRenewal, AuthorityLeaf>(
                Describe(Renew, idempotent: true, anyone: false, "Makes the next leaf of the calling service."),
                static (service, request, context) => new(((AuthorityService)service).Renew(request, context))),
            CallMethod.Unary<AuthorityBundleRequest, AuthorityBundle>(
                Describe(Bundle, idempotent: true, anyone: false, "Gives the trust bundle, once it is another one than the known."),
                static (service, request, context) => ((AuthorityService)service).BundleAsync(request, context)),
        ],
        json: AuthorityMessagesJson.Default);

    public static HostedContract Hosted { get; } = new(Descriptor, static services => services.GetRequiredService<AuthorityService>(), nameof(AuthorityService))
    {
        ContentType = "application/json",
    };

    private static MethodDescription Describe(string method, bool idempotent, bool anyone, string summary) => new(
        new CallSpec(AuthorityRequests.Service, AuthorityRequests.Contract, method, CallKind.Unary, idempotent),
        [new CallRule { Id = $"{AuthorityRequests.Contract}/{method}#1", Effect = RuleEffect.Allow, Caller = anyone ? "*" : "*/*", Scope = anyone ? "" : "*" }],
        Summary: summary);

    private static string PathOf(string method) => $"/{AuthorityRequests.Contract}/{method}";
}
