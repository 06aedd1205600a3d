using CsCheck;

namespace Micro.Tests;

public sealed class ServiceIdentityTests
{
    private const string Allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    private static readonly Gen<string> _domains = Gen.String[Gen.Char[Allowed], 1, 40];
    private static readonly Gen<string> _segments = Gen.String[Gen.Char[Allowed], 1, 40].Where(segment => segment is not ("." or ".."));

    [Fact]
    public void ID_2_What_is_made_of_allowed_parts_reads_back_as_the_same() =>
        Gen.Select(_domains, _segments, _segments).Sample((domain, @namespace, service) =>
        {
            var identity = ServiceIdentity.Create(domain, @namespace, service);
            var again = ServiceIdentity.Parse(identity.ToString());
            Assert.Equal(identity, again);
            Assert.Equal(identity.GetHashCode(), again.GetHashCode());
            Assert.Equal((domain.ToLowerInvariant(), @namespace, service), (again.TrustDomain, again.Namespace, again.Service));
            Assert.Equal($"spiffe://{again.TrustDomain}{again.Path}", again.ToString());
        });

    [Fact]
    public void ID_2_One_character_that_is_not_allowed_is_enough() =>
        Gen.Select(_domains, _segments, _segments, Gen.Char.Where(c => !Allowed.Contains(c, StringComparison.Ordinal) && c != '/'), Gen.Int[0, 200]).Sample(
            (domain, @namespace, service, odd, at) =>
            {
                var id = ServiceIdentity.Create(domain, @namespace, service).ToString();
                return !ServiceIdentity.TryParse(id.Insert("spiffe://".Length + (at % (id.Length - "spiffe://".Length + 1)), odd.ToString()), out _);
            });

    [Fact]
    public void ID_2_Any_text_is_an_id_or_a_reason() =>
        Gen.String.Select(text => $"spiffe://{text}").Sample(text =>
        {
            if (ServiceIdentity.TryParse(text, out var identity))
            {
                Assert.Equal(text, identity.ToString(), ignoreCase: true);
                Assert.StartsWith("/", identity.Path, StringComparison.Ordinal);
            }
            else
            {
                Assert.DoesNotContain(Assert.Throws<FormatException>(() => ServiceIdentity.Parse(text)).Message, char.IsControl);
            }
        });

    [Fact]
    public void ID_2_The_domain_compares_without_case_and_the_path_with_it()
    {
        Assert.Equal(ServiceIdentity.Parse("spiffe://micro.test/a/b"), ServiceIdentity.Parse("SPIFFE://MICRO.Test/a/b"));
        Assert.NotEqual(ServiceIdentity.Parse("spiffe://micro.test/a/b"), ServiceIdentity.Parse("spiffe://micro.test/a/B"));
        Assert.False(ServiceIdentity.Parse("spiffe://micro.test/a/b").Equals(null));
    }

    [Theory]
    [InlineData("spiffe://d/one")]
    [InlineData("spiffe://d/one/two/three")]
    public void ID_2_Other_paths_are_identities_of_no_service(string id)
    {
        var identity = ServiceIdentity.Parse(id);
        Assert.Equal((null, null), (identity.Namespace, identity.Service));
    }

    [Fact]
    public void ID_2_Lengths_end_where_the_specification_ends_them()
    {
        var domain = new string('d', 255);
        Assert.Equal(domain, ServiceIdentity.Create(domain, "n", "s").TrustDomain);
        Assert.Throws<FormatException>(() => ServiceIdentity.Create(domain + "d", "n", "s"));

        var longest = "spiffe://d/" + new string('p', 2048 - 11);
        Assert.Equal(longest, ServiceIdentity.Parse(longest).ToString());
        Assert.False(ServiceIdentity.TryParse(longest + "p", out _));
    }

    [Theory]
    [InlineData("a/b", "c")]
    [InlineData("a", "b/c")]
    [InlineData("..", "c")]
    [InlineData("a", ".")]
    [InlineData("a", "b c")]
    [InlineData("a", "b%20c")]
    public void ID_2_A_part_is_one_segment(string @namespace, string service) =>
        Assert.Throws<FormatException>(() => ServiceIdentity.Create("micro.test", @namespace, service));

    [Fact]
    public void ID_2_A_part_that_is_missing_is_a_mistake_of_the_caller()
    {
        Assert.Throws<ArgumentException>(() => ServiceIdentity.Create("", "a", "b"));
        Assert.Throws<ArgumentException>(() => ServiceIdentity.Create("d", "", "b"));
        Assert.Throws<ArgumentNullException>(() => ServiceIdentity.Create("d", "a", null!));
        Assert.False(ServiceIdentity.TryParse(null, out _));
    }
}
