using System.Text.Json;
using Micro.EndToEnd.Tests.Samples;

namespace Micro.EndToEnd.Tests;

/// <summary>Short runs of the soaks of eng/soak that need sockets and processes.</summary>
[Collection(AloneCollection.Name)]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class SoakTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("transport", 8)]
    [InlineData("balancing", 12)]
    [InlineData("rotation", 10)]
    public async Task ID_6_ID_7_ID_8_ID_10_TRN_4_TRN_5_LB_2_LB_3_LB_9_LIF_1_A_short_soak_finds_nothing(string soak, int seconds)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The soaks read /proc and stop processes by signals.");
        var folder = Directory.CreateTempSubdirectory("micro-soak-test-");
        try
        {
            await using var process = new SampleProcess(
                "tests", "Micro.Soak/Micro.Soak", Path.Combine(folder.FullName, "home"),
                [soak, "--seconds", $"{seconds}", "--seed", "1", "--history", Path.Combine(folder.FullName, "history")]);
            var code = await process.ExitAsync(TimeSpan.FromMinutes(3), Token);
            var said = string.Join('\n', process.Lines);
            Assert.True(code == 0, said);
            using var result = JsonDocument.Parse(process.Lines.Last(line => line.StartsWith('{')));
            Assert.True(result.RootElement.GetProperty("violations").GetInt32() == 0, said);
            Assert.True(result.RootElement.GetProperty("attempted").GetInt64() > 0, said);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
