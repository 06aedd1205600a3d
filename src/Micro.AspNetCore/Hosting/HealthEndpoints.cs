using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Micro.AspNetCore.Hosting;

/// <summary>
/// <c>GET /health</c>: whether the process can do its work (checks tagged <c>ready</c>); <c>GET /alive</c>: whether it should be left running (checks tagged
/// <c>live</c>). Names and states only: descriptions and errors may hold what no stranger should read (LIF-7).
/// </summary>
internal sealed class HealthEndpoints(HealthCheckService checks)
{
    /// <summary>Null when the request is not for a health endpoint.</summary>
    public Task? TryHandle(HttpContext context)
    {
        // By the raw target: what is open to everyone has one spelling.
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var tag = (target.IndexOf('?') is var query and >= 0 ? target[..query] : target) switch { "/health" => "ready", "/alive" => "live", _ => null };
        return tag is null || !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)) ? null : HandleAsync(context, tag);
    }

    private async Task HandleAsync(HttpContext context, string tag)
    {
        var report = await checks.CheckHealthAsync(check => check.Tags.Contains(tag), context.RequestAborted);
        var response = context.Response;
        response.StatusCode = report.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        var body = Write(report);
        response.ContentLength = body.Length;
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    private static ReadOnlyMemory<byte> Write(HealthReport report)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("status", report.Status.ToString());
        json.WriteStartObject("checks");
        foreach (var (name, entry) in report.Entries)
        {
            json.WriteString(name, entry.Status.ToString());
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
