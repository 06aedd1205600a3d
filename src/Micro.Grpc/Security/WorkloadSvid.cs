using System.Text;

namespace Micro.Grpc.Security;

/// <summary>One identity as it was sent, not checked yet; all certificates in DER, one after the other. Source: SPIFFE_Workload_API.md, section 5.1 (X509SVID).</summary>
internal sealed class WorkloadSvid
{
    public string Id { get; private set; } = "";

    /// <summary>The leaf, then what lies between it and its root.</summary>
    public ReadOnlyMemory<byte> Chain { get; private set; }

    /// <summary>PKCS#8, not encrypted.</summary>
    public ReadOnlyMemory<byte> Key { get; private set; }

    /// <summary>The roots of its trust domain.</summary>
    public ReadOnlyMemory<byte> Bundle { get; private set; }

    /// <exception cref="InvalidDataException">It is no such message.</exception>
    public static WorkloadSvid Read(ReadOnlyMemory<byte> message)
    {
        var svid = new WorkloadSvid();
        var fields = new WireReader(message);
        while (fields.Read(out var field, out var value))
        {
            switch (field)
            {
                case 1: svid.Id = Encoding.UTF8.GetString(value.Span); break;
                case 2: svid.Chain = value; break;
                case 3: svid.Key = value; break;
                case 4: svid.Bundle = value; break;
            }
        }

        return svid;
    }
}
