using Micro.Security;

namespace Micro.Tests.Security;

public sealed class PeerRecordTests
{
    private static readonly PeerIdentity _greeter = PeerIdentity.Verified(ServiceIdentity.Parse("spiffe://micro.test/default/greeter"), default, "01");
    private static readonly PeerIdentity _admin = PeerIdentity.Verified(ServiceIdentity.Parse("spiffe://micro.test/default/admin"), default, "02");

    [Fact]
    public void ID_1_Nobody_is_known_before_a_handshake() => SvidRig.Refused("no handshake", new PeerRecord().Peer);

    [Fact]
    public void ID_1_The_verdict_is_kept()
    {
        Assert.Same(_greeter, After(_greeter).Peer);
        Assert.Equal(_greeter.Identity, After(_greeter, _greeter).Peer.Identity);
    }

    [Fact]
    public void ID_1_A_later_verdict_gives_nothing_more()
    {
        SvidRig.Refused("bad", After(PeerIdentity.Refused("bad"), _greeter).Peer);
        SvidRig.Refused("bad", After(_greeter, PeerIdentity.Refused("bad"), _greeter).Peer);
        SvidRig.Refused("changed who it is", After(_greeter, _admin).Peer);
        SvidRig.Refused("changed who it is", After(_greeter, _admin, _greeter).Peer);
    }

    private static PeerRecord After(params PeerIdentity[] verdicts)
    {
        var record = new PeerRecord();
        Array.ForEach(verdicts, record.Record);
        return record;
    }
}
