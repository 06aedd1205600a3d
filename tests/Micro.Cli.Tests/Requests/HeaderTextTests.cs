using Micro.Cli.Requests;

namespace Micro.Cli.Tests.Requests;

public sealed class HeaderTextTests
{
    [Fact]
    public void The_first_equals_sign_ends_the_name()
    {
        var headers = HeaderText.Parse(["X-Tenant=a=b", "x-tenant=c", "empty="]);

        Assert.Equal(["a=b", "c"], headers.GetAll("x-tenant"));
        Assert.Equal("", headers["empty"]);
    }

    [Theory]
    [InlineData("tenant")]
    [InlineData("=a")]
    [InlineData("te nant=a")]
    [InlineData("grpc-timeout=1S")]
    [InlineData("tenant=a\nb")]
    public void What_is_no_header_is_a_mistake_of_the_command_line(string text)
    {
        var failure = Assert.Throws<ToolException>(() => HeaderText.Parse([text]));

        Assert.Equal(ExitCodes.Usage, failure.ExitCode);
        Assert.DoesNotContain("Parameter", failure.Message);
    }
}
