using System.Text.Json;
using Micro.Cli.Terminal;
using Micro.Cli.Tests.Support;

namespace Micro.Cli.Tests.Commands;

[Collection(nameof(GreeterHost))]
public sealed class CallCommandTests(GreeterHost host)
{
    [Theory]
    [InlineData("Greeter.Hello", "Hello Ada!")]
    [InlineData("greeter.Greeter/Hello", "Hello Ada!")]
    [InlineData("Polite.Hello", "Good day, Ada.")]
    public async Task A_method_is_called_by_any_of_its_names(string method, string expected)
    {
        var reply = (await CallAsync(method, """{"name":"Ada"}""")).Expect(ExitCodes.Ok).Document;

        Assert.Equal($$"""{"text":"{{expected}}"}""", JsonSerializer.Serialize(reply));
    }

    [Fact]
    public async Task Every_address_of_an_instance_can_be_called()
    {
        Assert.Equal(["grpc", "http"], host.Instance.Addresses.Select(Micro.Transport.MicroAddress.Transport).Order());
        foreach (var address in host.Instance.Addresses)
        {
            var unary = await Tool.RunAsync("call", "greeter", "Greeter.Hello", """{"name":"Ada"}""", "--json", "--home", host.Home, "--registry", "static", "--address", address.ToString());
            Assert.Equal("Hello Ada!", unary.Expect(ExitCodes.Ok).Document.GetProperty("text").GetString());
            var duplex = await Tool.RunAsync("call", "greeter", "Chat", """{"name":"Ada"} {"name":"Bob"}""", "--json", "--home", host.Home, "--registry", "static", "--address", address.ToString());
            Assert.Equal(["Hello Ada!", "Hello Bob!"], duplex.Expect(ExitCodes.Ok).Documents.Select(document => document.GetProperty("text").GetString()!));
        }
    }

    [Fact]
    public async Task People_get_the_answer_indented() => Assert.Equal(
        "{\n  \"text\": \"Hello Ada!\"\n}\n",
        (await Tool.RunAsync("call", "greeter", "Greeter.Hello", """{"name":"Ada"}""", "--home", host.Home)).Expect(ExitCodes.Ok).Output);

    [Fact]
    public async Task Requests_come_from_a_file_or_the_input()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "request.json");
        await File.WriteAllTextAsync(file, "\uFEFF{\n  \"name\": \"file\"\n}\n", TestContext.Current.CancellationToken);

        Assert.Equal("Hello file!", Text(await CallAsync("Greeter.Hello", $"@{file}")));
        Assert.Equal("Hello input!", Text(await CallAsync(new StringReader("{\n  \"name\": \"input\"\n}\n"), "Greeter.Hello", "-")));
    }

    [Fact]
    public async Task A_request_that_is_left_out_is_empty() => Assert.Equal("", (await CallAsync("Echo")).Expect(ExitCodes.Ok).Document.GetProperty("headers").GetString());

    [Fact]
    public async Task Headers_are_sent()
    {
        var reply = (await CallAsync("Echo", "--header", "x-test=a=b", "--header", "X-Test=c")).Expect(ExitCodes.Ok).Document;

        Assert.Equal(["a=b", "c"], reply.GetProperty("headers").GetString()!.Split(',', StringSplitOptions.TrimEntries));
    }

    [Fact]
    public async Task A_server_stream_is_written_message_by_message_as_it_arrives()
    {
        using var output = new LineWatch();
        using var console = new ToolConsole(TextReader.Null, output, TextWriter.Null);
        var running = MicroTool.RunAsync(
            ["call", "greeter", "Count", """{"until":3,"waitAfter":2}""", "--json", "--home", host.Home], console, TestContext.Current.CancellationToken);

        Assert.Equal("""{"number":1}""", await output.NextAsync());
        Assert.Equal("""{"number":2}""", await output.NextAsync());
        Assert.False(running.IsCompleted);
        host.Greeter.Gate.SetResult();
        Assert.Equal("""{"number":3}""", await output.NextAsync());
        Assert.Equal(ExitCodes.Ok, await running.WaitAsync(Tool.Patience, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("""{"number":1} {"number":2} {"number":3}""")]
    [InlineData("-")]
    [InlineData(null)]
    public async Task A_client_stream_takes_several_documents(string? json)
    {
        using var input = new StringReader("{\"number\":1}\n{\"number\":2}\n\n{\"number\":3}\n");

        var sum = (await CallAsync(input, "Sum", json is null ? [] : [json])).Expect(ExitCodes.Ok).Document;

        Assert.Equal("""{"total":6,"count":3}""", JsonSerializer.Serialize(sum));
    }

    [Fact]
    public async Task A_duplex_call_answers_each_line_as_it_is_typed()
    {
        using var input = new LineReader();
        using var output = new LineWatch();
        using var console = new ToolConsole(input, output, TextWriter.Null);
        var running = MicroTool.RunAsync(["call", "greeter", "Chat", "--json", "--home", host.Home], console, TestContext.Current.CancellationToken);

        input.Type("""{"name":"Ada"}""");
        Assert.Equal("""{"text":"Hello Ada!"}""", await output.NextAsync());
        input.Type("""{"name":"Bob"}""");
        Assert.Equal("""{"text":"Hello Bob!"}""", await output.NextAsync());
        input.End();
        Assert.Equal(ExitCodes.Ok, await running.WaitAsync(Tool.Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_line_that_is_not_JSON_ends_the_stream_with_2_and_its_number()
    {
        using var input = new StringReader("{\"number\":1}\n{number:2}\n");

        var run = (await CallAsync(input, "Sum", "-")).Expect(ExitCodes.Usage);

        Assert.Contains("The standard input is not JSON, at line 2", run.Failure.GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{} {}")]
    public async Task A_method_that_takes_one_request_takes_just_one(string json) =>
        Assert.Contains("takes one", (await CallAsync("Greeter.Hello", json)).Expect(ExitCodes.Usage).Failure.GetProperty("message").GetString());

    [Fact]
    public async Task A_method_that_may_be_several_ends_with_2_and_lists_them()
    {
        var message = (await CallAsync("Hello", "{}")).Expect(ExitCodes.Usage).Failure.GetProperty("message").GetString();

        Assert.Contains("greeter.Greeter/Hello, greeter.Polite/Hello", message);
    }

    [Fact]
    public async Task An_unknown_method_ends_with_2_and_lists_those_there_are()
    {
        var message = (await CallAsync("Nope", "{}")).Expect(ExitCodes.Usage).Failure.GetProperty("message").GetString();

        Assert.Contains("has no method 'Nope'", message);
        Assert.Contains("greeter.Polite/Bow", message);
    }

    [Fact]
    public async Task A_failed_call_ends_with_1_and_tells_code_message_attempts_and_details()
    {
        var failure = (await CallAsync("Fail", """{"code":"FailedPrecondition","message":"the shop is closed"}""")).Expect(ExitCodes.CallFailed).Failure;

        Assert.Equal("FAILED_PRECONDITION", failure.GetProperty("code").GetString());
        Assert.Equal("the shop is closed", failure.GetProperty("message").GetString());
        Assert.Equal("maybe", failure.GetProperty("executed").GetString());
        var attempt = Assert.Single(failure.GetProperty("attempts").EnumerateArray());
        Assert.Equal(host.Instance.Id, attempt.GetProperty("instance").GetString());
        Assert.Equal("AQID", failure.GetProperty("details")[0].GetProperty("value").GetString());
    }

    [Fact]
    public async Task Messages_before_a_failure_stay_written()
    {
        var run = (await CallAsync("Count", """{"until":3,"failAfter":2}""")).Expect(ExitCodes.CallFailed);

        Assert.Equal("DATA_LOSS", run.Failure.GetProperty("code").GetString());
        Assert.Equal([1, 2], run.Documents.Select(document => document.GetProperty("number").GetInt32()));
    }

    [Fact]
    public async Task A_call_has_the_time_it_was_given()
    {
        // More than the five seconds it would have else.
        var reply = (await CallAsync("Echo", "--timeout", "1m")).Expect(ExitCodes.Ok).Document;
        Assert.InRange(reply.GetProperty("remaining").GetDouble(), 6, 60);
    }

    [Fact]
    public async Task A_call_whose_time_is_over_ends_with_1()
    {
        var failure = (await CallAsync("Wait", "--timeout", "300ms")).Expect(ExitCodes.CallFailed).Failure;

        Assert.Equal("DEADLINE_EXCEEDED", failure.GetProperty("code").GetString());
    }

    [Fact]
    public async Task An_unknown_service_ends_with_3()
    {
        var failure = (await Tool.RunAsync("call", "mailer", "Send", "{}", "--json", "--home", host.Home)).Expect(ExitCodes.Discovery).Failure;

        Assert.Equal("discovery", failure.GetProperty("error").GetString());
        Assert.Contains("'mailer'", failure.GetProperty("message").GetString());
        Assert.Contains(host.Home, failure.GetProperty("message").GetString());
    }

    [Fact]
    public async Task An_address_where_nothing_listens_is_a_failed_call()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        var failure = (await CallAsync("Greeter.Hello", "{}", "--address", $"grpc://127.0.0.1:{port}")).Expect(ExitCodes.CallFailed).Failure;

        Assert.Equal("UNAVAILABLE", failure.GetProperty("code").GetString());
        Assert.Equal("no", failure.GetProperty("executed").GetString());
        Assert.NotEmpty(failure.GetProperty("attempts").EnumerateArray());
    }

    [Fact]
    public async Task Plaintext_is_not_called_unless_it_is_asked_for()
    {
        var address = $"grpc+insecure://127.0.0.1:{new Uri(host.Instance.Addresses[0].ToString()).Port}";

        var failure = (await CallAsync("Greeter.Hello", "{}", "--address", address)).Expect(ExitCodes.CallFailed).Failure;

        Assert.Equal("no", failure.GetProperty("executed").GetString());
        Assert.Contains("plaintext", failure.GetProperty("message").GetString());
    }

    [Fact]
    public async Task Cancelling_the_tool_cancels_the_call()
    {
        host.Greeter.Waiting = Greeter.NewSignal();
        host.Greeter.Cancelled = Greeter.NewSignal();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = Tool.RunAsync(TextReader.Null, ["call", "greeter", "Wait", "--timeout", "none", "--json", "--home", host.Home], cancel.Token);
        await host.Greeter.Waiting.Task.WaitAsync(Tool.Patience, TestContext.Current.CancellationToken);

        await cancel.CancelAsync();

        (await running).Expect(ExitCodes.Cancelled);
        await host.Greeter.Cancelled.Task.WaitAsync(Tool.Patience, TestContext.Current.CancellationToken);
    }

    private Task<ToolRun> CallAsync(string method, params string[] rest) => CallAsync(TextReader.Null, method, rest);

    private Task<ToolRun> CallAsync(TextReader input, string method, params string[] rest) =>
        Tool.RunAsync(input, ["call", "greeter", method, .. rest, "--json", "--home", host.Home]);

    private static string Text(ToolRun run) => run.Expect(ExitCodes.Ok).Document.GetProperty("text").GetString()!;
}
