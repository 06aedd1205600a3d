using Micro.Discovery;
using Micro.Transport;

namespace Micro.Tests.Discovery;

public sealed class ServiceInstanceTests
{
    [Theory]
    [InlineData("grpc://0.0.0.0:5001")]
    [InlineData("grpc://[::]:5001")]
    [InlineData("grpc://169.254.169.254:80")]
    [InlineData("grpc://[::ffff:169.254.169.254]:80")]
    [InlineData("grpc://[fe80::1]:80")]
    [InlineData("grpc://host:0")]
    [InlineData("grpc://host")]
    public void REG_6_Addresses_that_peers_cannot_or_must_not_use_are_refused(string address) =>
        Assert.Throws<MicroAddressException>(() => new ServiceInstance("cart", "c1", [new Uri(address)]));

    [Fact]
    public void REG_6_Metadata_is_limited_to_16_KiB()
    {
        _ = new ServiceInstance("cart", "c1", [], null, [new("k", new string('x', ServiceInstance.MaxMetadataBytes - 1))]);
        Assert.Throws<ArgumentException>(() => new ServiceInstance("cart", "c1", [], null, [new("k", new string('x', ServiceInstance.MaxMetadataBytes))]));
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("ä")]
    [InlineData("")]
    public void REG_6_Service_names_have_a_small_alphabet(string name) =>
        Assert.ThrowsAny<ArgumentException>(() => new ServiceInstance(name, "c1", []));
}
