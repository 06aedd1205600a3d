using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Micro.Tokens.Tests.Support;

namespace Micro.Tokens.Tests;

/// <summary>Tokens that are spelt so that two readers read two things, or that cost much to read.</summary>
public sealed class SpellingAttackTests : IDisposable
{
    private readonly TokenRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("...")]
    [InlineData("a.b.c")]
    [InlineData("a.b.c.d.e")]
    [InlineData("Bearer x")]
    [InlineData("not a token at all")]
    [InlineData("ü.ü.ü")]
    [InlineData("eyJhbGciOiJFUzI1NiJ9..")]
    public void A22_What_is_no_token_is_refused(string token) => _rig.Refuses(token);

    [Fact]
    public async Task TOK_7_Padding_white_space_and_other_alphabets_are_refused()
    {
        var parts = (await _rig.SignAsync()).Split('.');
        foreach (var odd in new[] { "=", "==", " ", "\n", "\r\n", "\t", "\0", "%3D", "+", "/", "A", "AA", "\u200b" })
        {
            for (var i = 0; i < 3; i++)
            {
                var changed = (string[])parts.Clone();
                changed[i] += odd;
                _rig.Refuses(string.Join('.', changed));
                changed[i] = odd + parts[i];
                _rig.Refuses(string.Join('.', changed));
                changed[i] = parts[i][..4] + odd + parts[i][4..];
                _rig.Refuses(string.Join('.', changed));
            }
        }
    }

    [Fact]
    public async Task TOK_7_A_part_has_one_spelling_so_leftover_bits_are_refused()
    {
        var token = await _rig.SignAsync();
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        var last = alphabet.IndexOf(token[^1], StringComparison.Ordinal);
        for (var i = 1; i < 16; i++)
        {
            _rig.Refuses(token[..^1] + alphabet[(last & ~15) | ((last + i) & 15)], because: "base64url");
        }
    }

    [Theory]
    [InlineData(".")]
    [InlineData(".e30")]
    [InlineData("..")]
    [InlineData(" trailing")]
    [InlineData("\n")]
    [InlineData(",eyJ")]
    public async Task TOK_7_Data_after_the_third_part_is_refused(string tail) => _rig.Refuses(await _rig.SignAsync() + tail);

    [Fact]
    public async Task TOK_7_A_name_given_twice_is_refused_wherever_it_stands()
    {
        var id = (await _rig.Keys.GetAsync(TokenRig.Token)).Id;
        var header = (await _rig.HeaderAsync()).ToJsonString();
        var claims = _rig.Claims().ToJsonString();
        string[] headers =
        [
            $$"""{"alg":"none","alg":"ES256","kid":"{{id}}"}""",
            $$"""{"alg":"ES256","alg":"none","kid":"{{id}}"}""",
            $$"""{"alg":"ES256","alg":"ES256","kid":"{{id}}"}""",
            $$"""{"alg":"ES256","\u0061lg":"none","kid":"{{id}}"}""",
            $$"""{"alg":"ES256","kid":"x","kid":"{{id}}"}""",
        ];
        foreach (var twice in headers)
        {
            _rig.Refuses(await _rig.SignAsync(twice, claims), because: "twice");
        }

        foreach (var more in new[] { "\"sub\":\"root\"", "\"aud\":\"x\"", "\"exp\":1", "\"s\\u0075b\":\"root\"", "\"meta\":{\"a\":\"1\",\"a\":\"2\"}", "\"other\":[{\"a\":1,\"a\":2}]" })
        {
            _rig.Refuses(await _rig.SignAsync(header, $"{claims[..^1]},{more}}}"), because: "twice");
        }
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("{}x")]
    [InlineData("{} {}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{/*c*/}")]
    [InlineData("\ufeff{}")]
    [InlineData("")]
    public async Task TOK_7_Header_and_payload_are_one_object_in_JSON(string json)
    {
        _rig.Refuses(await _rig.SignAsync(json, _rig.Claims().ToJsonString()));
        _rig.Refuses(await _rig.SignAsync((await _rig.HeaderAsync()).ToJsonString(), json));
    }

    [Fact]
    public async Task TOK_7_Text_that_is_not_Unicode_is_refused()
    {
        var header = (await _rig.HeaderAsync()).ToJsonString();
        var claims = _rig.Claims().ToJsonString();
        _rig.Refuses(await _rig.SignAsync(header, claims.Replace("\"ada\"", "\"\\ud800\"", StringComparison.Ordinal)));
        _rig.Refuses(await _rig.SignAsync(header, claims.Replace("\"sub\"", "\"\\ud800\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task TOK_7_Ten_megabytes_and_a_hundred_thousand_claims_are_refused_without_being_read()
    {
        var many = _rig.Claims();
        for (var i = 0; i < 100_000; i++)
        {
            many[$"c{i}"] = i;
        }

        var header = (await _rig.HeaderAsync()).ToJsonString();
        string[] huge =
        [
            await _rig.SignAsync(header, many.ToJsonString()),
            new string('a', 10 * 1024 * 1024),
            new string('.', 10 * 1024 * 1024),
            string.Concat(Enumerable.Repeat("eyJ.", 2_500_000)),
            await _rig.SignAsync(header, $$"""{"iss":"{{new string('x', 10 * 1024 * 1024)}}"}"""),
        ];
        foreach (var token in huge)
        {
            var (before, began) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
            var verdict = _rig.Ask(token);
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 16 * 1024, "A token that is too long was read.");
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(1));
            Assert.Contains("longer", verdict.Refusal, StringComparison.Ordinal);
        }

        Assert.Equal(0, _rig.Verifier.Verifications);
    }

    [Fact]
    public async Task TOK_7_The_longest_token_is_8_KB()
    {
        static string Pad(int length) => new('p', length);
        var room = (8192 - (await _rig.SignAsync(claims: c => c["pad"] = "")).Length) * 3 / 4;
        var longest = await _rig.SignAsync(claims: c => c["pad"] = Pad(room - 3));
        Assert.InRange(longest.Length, 8100, 8192);
        Assert.True(_rig.Ask(longest).IsAccepted);
        _rig.Refuses(await _rig.SignAsync(claims: c => c["pad"] = Pad(room + 3)), because: "longer");
    }

    [Fact]
    public async Task TOK_7_Nesting_deeper_than_eight_is_refused()
    {
        var header = (await _rig.HeaderAsync()).ToJsonString();
        var claims = _rig.Claims().ToJsonString()[..^1];
        string Deep(int depth) => $"{claims},\"deep\":{new StringBuilder().Insert(0, "[", depth)}{new StringBuilder().Insert(0, "]", depth)}}}";
        Assert.True(_rig.Ask(await _rig.SignAsync(header, Deep(7))).IsAccepted);
        _rig.Refuses(await _rig.SignAsync(header, Deep(8)), because: "deep");
        _rig.Refuses(await _rig.SignAsync(header, Deep(2800)), because: "deep");
    }

    [Theory]
    [InlineData("JWE")]
    [InlineData("jwt+refresh")]
    [InlineData("refresh+jwt")]
    [InlineData("at+jwt")]
    [InlineData("")]
    [InlineData("jwt")]
    public async Task A37_A_token_of_another_type_is_no_access_token(string type) => _rig.Refuses(await _rig.SignAsync(header => header["typ"] = type), because: "type");

    [Fact]
    public async Task TOK_1_The_type_may_be_left_out_or_be_JOSE()
    {
        Assert.True(_rig.Ask(await _rig.SignAsync(header => header.Remove("typ"))).IsAccepted);
        Assert.True(_rig.Ask(await _rig.SignAsync(header => header["typ"] = "JOSE")).IsAccepted);
        _rig.Refuses(await _rig.SignAsync(header => header["typ"] = new JsonArray("JWT")));
    }

    [Fact]
    public async Task A37_An_encrypted_token_and_one_in_JSON_serialization_are_refused()
    {
        var parts = (await _rig.SignAsync()).Split('.');
        _rig.Refuses($"{{\"protected\":\"{parts[0]}\",\"payload\":\"{parts[1]}\",\"signature\":\"{parts[2]}\"}}");
        _rig.Refuses($"{parts[0]}.{parts[1]}.{parts[1]}.{parts[1]}.{parts[2]}", because: "parts");
        _rig.Refuses($"{parts[0]}..{parts[2]}", because: "part");
    }
}
