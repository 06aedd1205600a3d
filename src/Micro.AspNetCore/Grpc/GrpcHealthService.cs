using global::Grpc.Core;
using global::Grpc.Health.V1;
using Micro.Transport;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Micro.AspNetCore.Grpc;

/// <summary>
/// <c>grpc.health.v1.Health</c> over the host's checks tagged <c>ready</c>: for the server (empty name) and for each contract served. Source: gRPC health
/// checking protocol, doc/health-checking.md.
/// </summary>
internal sealed class GrpcHealthService(HealthCheckService checks, ICallAcceptor acceptor, TimeProvider clock, IHostApplicationLifetime lifetime) : Health.HealthBase
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly HashSet<string> _contracts = [.. acceptor.Routes.Select(route => route.Spec.Contract)];

    public override async Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        var status = await StatusAsync(request.Service, context.CancellationToken);
        if (status == HealthCheckResponse.Types.ServingStatus.ServiceUnknown)
        {
            context.Status = new Status(StatusCode.NotFound, "Unknown service.");
        }

        return new HealthCheckResponse { Status = status };
    }

    public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        HealthCheckResponse.Types.ServingStatus? last = null;
        try
        {
            while (true)
            {
                var status = await StatusAsync(request.Service, ending.Token);
                if (status != last)
                {
                    await responseStream.WriteAsync(new HealthCheckResponse { Status = status }, ending.Token);
                    last = status;
                }

                await Task.Delay(Interval, clock, ending.Token);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            if (!context.CancellationToken.IsCancellationRequested)
            {
                await responseStream.WriteAsync(new HealthCheckResponse { Status = HealthCheckResponse.Types.ServingStatus.NotServing });
                context.Status = new Status(StatusCode.Unavailable, "The service is draining.");
            }
        }
    }

    private async ValueTask<HealthCheckResponse.Types.ServingStatus> StatusAsync(string service, CancellationToken cancellationToken)
    {
        if (service.Length > 0 && !_contracts.Contains(service))
        {
            return HealthCheckResponse.Types.ServingStatus.ServiceUnknown;
        }

        var report = await checks.CheckHealthAsync(static check => check.Tags.Contains("ready"), cancellationToken);
        return report.Status == HealthStatus.Unhealthy ? HealthCheckResponse.Types.ServingStatus.NotServing : HealthCheckResponse.Types.ServingStatus.Serving;
    }
}
