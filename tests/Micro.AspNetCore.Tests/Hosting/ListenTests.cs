using System.Net;
using System.Net.Sockets;
using Micro.AspNetCore.Tests.Support;
using Micro.Testing.Transport;
using Micro.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Micro.AspNetCore.Tests.Hosting;

/// <summary>Where the web server listens and what it says of it.</summary>
public sealed class ListenTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task By_default_grpc_and_http_have_a_port_each_on_the_loopback_and_grpc_is_first()
    {
        await using var server = await TestServer.StartAsync(new ScriptedAcceptor());
        Assert.Equal(["grpc+insecure", "http+insecure"], server.Addresses.Select(address => address.Scheme));
        Assert.All(server.Addresses, address => Assert.Equal("127.0.0.1", address.Host));
        Assert.NotEqual(server.Grpc.Port, server.Http.Port);
        Assert.All(server.Addresses, MicroAddress.CheckAdvertised);
    }

    [Fact]
    public async Task ID_4_Plaintext_needs_the_option_and_the_error_says_which()
    {
        var error = await Assert.ThrowsAsync<MicroAddressException>(() => TestServer.StartAsync(
            new ScriptedAcceptor(), options: options => options.Listen.Add("grpc+insecure://127.0.0.1:0"), insecure: false));
        Assert.Contains("Micro:Security:Insecure", error.Message, StringComparison.Ordinal);
        Assert.Equal("grpc+insecure", error.Address!.Scheme);
    }

    [Fact]
    public async Task ID_4_Each_start_in_plaintext_warns_once()
    {
        var logs = new LogLines();
        await using var server = await TestServer.StartAsync(new ScriptedAcceptor(), builder => builder.Logging.AddProvider(logs));
        Assert.Single(logs.Lines, line => line.Contains("Micro:Security:Insecure", StringComparison.Ordinal) && line.StartsWith("Warning", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wildcard_is_not_advertised()
    {
        var error = await Assert.ThrowsAsync<MicroAddressException>(
            () => TestServer.StartAsync(new ScriptedAcceptor(), options: options => options.Listen.Add("grpc+insecure://*:0")));
        Assert.Contains("Micro:Advertise", error.Message, StringComparison.Ordinal);

        await using var server = await TestServer.StartAsync(new ScriptedAcceptor(), options: options =>
        {
            options.Listen.Add("grpc+insecure://0.0.0.0:0");
            options.Advertise.Add("greeter.internal");
        });
        Assert.Equal("greeter.internal", Assert.Single(server.Addresses).Host);
        Assert.InRange(server.Addresses[0].Port, 1, 65535);
    }

    [Fact]
    public async Task Whole_addresses_can_be_advertised_and_take_the_bound_port_where_they_have_none()
    {
        await using var server = await TestServer.StartAsync(new ScriptedAcceptor(), options: options =>
        {
            options.Advertise.Add("http+insecure://front.example:8080");
            options.Advertise.Add("grpc+insecure://front.example");
        });
        Assert.Equal(2, server.Addresses.Count);
        Assert.Equal(new Uri("http+insecure://front.example:8080"), server.Http);
        Assert.Equal("front.example", server.Grpc.Host);
        Assert.InRange(server.Grpc.Port, 1, 65535);
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var address = $"grpc+insecure://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";
        var error = await Assert.ThrowsAsync<MicroAddressException>(
            () => TestServer.StartAsync(new ScriptedAcceptor(), options: options => options.Listen.Add(address)));
        Assert.Contains(address, error.Message, StringComparison.Ordinal);
        Assert.Contains("in use", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tcp+insecure://127.0.0.1:1")]
    [InlineData("grpc+insecure://some.host:1")]
    [InlineData("127.0.0.1:5000")]
    [InlineData("grpc+insecure://203.0.113.7:0")]
    public async Task An_address_that_cannot_be_listened_on_is_named(string address)
    {
        var error = await Assert.ThrowsAsync<MicroAddressException>(
            () => TestServer.StartAsync(new ScriptedAcceptor(), options: options => options.Listen.Add(address)));
        Assert.Contains("Micro:Listen", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_file_that_a_killed_process_left_is_taken_over_and_one_in_use_is_not()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Sockets in files have no Unix file mode here.");
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using (var used = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            used.Bind(new UnixDomainSocketEndPoint(path));
            used.Listen();
            var error = await Assert.ThrowsAsync<MicroAddressException>(StartAsync);
            Assert.Contains("in use", error.Message, StringComparison.Ordinal);

            // Closing removes the file and a kill does not: out of the way, it is left behind.
            File.Move(path, path + ".kept");
        }

        File.Move(path + ".kept", path);
        await using var server = await StartAsync();
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }

        Task<TestServer> StartAsync() => TestServer.StartAsync(new ScriptedAcceptor(), options: options => options.Listen.Add($"grpc+unix+insecure://{path}"));
    }

    [Fact]
    public async Task The_urls_of_the_host_are_still_listened_on()
    {
        var port = FreePort();
        await using var server = await TestServer.StartAsync(
            new ScriptedAcceptor(),
            builder => builder.WebHost.UseUrls($"http://127.0.0.1:{port}"),
            app => app.MapGet("/own", () => "of the host"));
        using var client = new HttpClient();
        Assert.Equal("of the host", await client.GetStringAsync($"http://127.0.0.1:{port}/own", Token));
        Assert.Equal("of the host", await client.GetStringAsync($"http://127.0.0.1:{server.Http.Port}/own", Token));
        Assert.DoesNotContain(server.Addresses, address => address.Port == port);
    }

    [Fact]
    public async Task Serving_on_nothing_that_can_carry_calls_is_an_error()
    {
        var error = await Assert.ThrowsAsync<MicroAddressException>(() => TestServer.StartAsync(
            new ScriptedAcceptor(),
            builder => builder.WebHost.UseUrls("http://127.0.0.1:0"),
            options: options => options.Listen.Add("host"),
            insecure: false));
        Assert.Contains("https", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TRN_8_Every_limit_is_finite()
    {
        await using var server = await TestServer.StartAsync(new ScriptedAcceptor());
        var limits = server.App.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;
        Assert.Equal(10_000, limits.MaxConcurrentConnections);
        Assert.Equal(10_000, limits.MaxConcurrentUpgradedConnections);
        Assert.Equal(100, limits.Http2.MaxStreamsPerConnection);
        Assert.Equal(32 * 1024, limits.MaxRequestHeadersTotalSize);
        Assert.Equal(100, limits.MaxRequestHeaderCount);
        Assert.Equal(TimeSpan.FromSeconds(10), limits.Http2.KeepAlivePingDelay);
        Assert.Equal(TimeSpan.FromSeconds(5), limits.Http2.KeepAlivePingTimeout);
        Assert.Equal(TimeSpan.FromSeconds(30), limits.RequestHeadersTimeout);
        Assert.InRange(limits.KeepAliveTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        Assert.Equal(240, limits.MinRequestBodyDataRate!.BytesPerSecond);
        Assert.NotNull(limits.MaxRequestBodySize);
    }

    [Fact]
    public async Task TRN_8_Limits_the_host_chose_are_kept()
    {
        await using var server = await TestServer.StartAsync(
            new ScriptedAcceptor(), builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxConcurrentConnections = 7));
        Assert.Equal(7, server.App.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.MaxConcurrentConnections);
    }

    [Fact]
    public async Task Configuration_names_addresses_as_a_text_or_as_an_array()
    {
        var port = FreePort();
        await using var text = await TestServer.StartAsync(new ScriptedAcceptor(), builder =>
            builder.Configuration["Micro:Listen"] = $"grpc+insecure://127.0.0.1:{port} ; http+insecure://127.0.0.1:0");
        Assert.Equal(port, text.Grpc.Port);
        await using var array = await TestServer.StartAsync(new ScriptedAcceptor(), builder =>
        {
            builder.Configuration["Micro:Listen:0"] = "http+insecure://[::1]:0";
            builder.Configuration["Micro:Advertise:0"] = "one.example";
            builder.Configuration["Micro:Server:MaxHeaderCount"] = "50";
        });
        Assert.Equal("one.example", Assert.Single(array.Addresses).Host);
        Assert.Equal(50, array.App.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.MaxRequestHeaderCount);
    }

    [Fact]
    public async Task Wrong_options_stop_the_start_by_name()
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(
            () => TestServer.StartAsync(new ScriptedAcceptor(), options: options => options.MaxMessageBytes = 0));
        Assert.Contains("MaxMessageBytes", error.Message, StringComparison.Ordinal);
    }

    internal static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
