using System.Diagnostics;
using System.Text;
using Micro.Interop.Tests.Support;

namespace Micro.Interop.Tests;

/// <summary>gRPC by hand: curl with a frame written byte by byte (TRN-1).</summary>
public sealed class CurlTests
{
    [Fact]
    public async Task TRN_1_curl_calls_with_a_frame_of_its_own()
    {
        var (body, headers) = await CurlAsync("/micro.interop.TestService/UnaryCall", "application/grpc+json", "{\"replySize\":3}");
        Assert.Contains("content-type: application/grpc+json", headers, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, body[0]);
        Assert.Equal(body.Length - 5, body[4]);
        Assert.Equal("{\"payload\":\"AAAA\"}", Encoding.UTF8.GetString(body[5..]).Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TRN_1_COD_7_The_answer_is_spelt_as_the_question_was()
    {
        foreach (var type in new[] { "application/grpc", "application/grpc+proto" })
        {
            var (body, headers) = await CurlAsync("/micro.interop.TestService/EmptyCall", type, "");
            Assert.Contains($"content-type: {type}\r\n", headers, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(new byte[5], body);
        }
    }

    [Fact]
    public async Task COD_7_An_unknown_content_subtype_is_INVALID_ARGUMENT_with_those_accepted()
    {
        var (body, headers) = await CurlAsync("/micro.interop.TestService/UnaryCall", "application/grpc+xml", "<a/>");
        Assert.Empty(body);
        Assert.Contains("grpc-status: 3", headers, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("application/xml", headers, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("application/protobuf", headers, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task RBAC_5_Other_spellings_of_a_path_are_UNIMPLEMENTED()
    {
        foreach (var path in new[]
        {
            "/Micro.Interop.TestService/unarycall", "/micro.interop.TestService/UnaryCall/", "/micro.interop.TestService/%55naryCall",
            "/micro.interop.TestService/x/../UnaryCall", "//micro.interop.TestService/UnaryCall", "/micro.interop.TestService/UnaryCall?a=1",
        })
        {
            var (body, headers) = await CurlAsync(path, "application/grpc+json", "{\"replySize\":3}");
            Assert.Empty(body);
            Assert.Contains("grpc-status: 12", headers, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("micro-executed: no", headers, StringComparison.OrdinalIgnoreCase);
        }
    }

    private static async Task<(byte[] Body, string Headers)> CurlAsync(string path, string contentType, string message)
    {
        var curl = new[] { "/usr/bin/curl", "/usr/local/bin/curl", "/opt/homebrew/bin/curl" }.FirstOrDefault(File.Exists);
        Assert.SkipWhen(curl is null, "curl is not installed.");
        await using var server = await MicroServer.StartAsync();
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var payload = Encoding.UTF8.GetBytes(message);
            await File.WriteAllBytesAsync(Path.Combine(folder.FullName, "frame"), [0, 0, 0, 0, (byte)payload.Length, .. payload]);
            var start = new ProcessStartInfo(curl!) { WorkingDirectory = folder.FullName, RedirectStandardError = true };
            foreach (var argument in new[]
            {
                "-s", "--max-time", "20", "--http2-prior-knowledge", "--path-as-is", "-X", "POST", "-H", $"content-type: {contentType}", "-H", "te: trailers",
                "--data-binary", "@frame", "-D", "headers", "-o", "body", $"http://127.0.0.1:{server.Address.Port}{path}",
            })
            {
                start.ArgumentList.Add(argument);
            }

            using var process = Process.Start(start)!;
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, process.ExitCode);
            var body = Path.Combine(folder.FullName, "body");
            return (File.Exists(body) ? await File.ReadAllBytesAsync(body) : [], await File.ReadAllTextAsync(Path.Combine(folder.FullName, "headers")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
