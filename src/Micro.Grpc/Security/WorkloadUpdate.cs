using System.Text;

namespace Micro.Grpc.Security;

/// <summary>
/// One message of the stream: all that the process is to have from now on. Nothing in it is checked yet. Its memory is that of the message.
/// Source: SPIFFE_Workload_API.md, section 5.1 (X509SVIDResponse).
/// </summary>
internal sealed class WorkloadUpdate
{
    public List<WorkloadSvid> Svids { get; } = [];

    /// <summary>Roots of other trust domains, by the id of the domain.</summary>
    public List<(string Id, ReadOnlyMemory<byte> Roots)> Federated { get; } = [];

    public bool HasRevocationLists { get; private set; }

    /// <exception cref="InvalidDataException">It is no such message.</exception>
    public static WorkloadUpdate Read(ReadOnlyMemory<byte> message)
    {
        var update = new WorkloadUpdate();
        var fields = new WireReader(message);
        while (fields.Read(out var field, out var value))
        {
            switch (field)
            {
                case 1: update.Svids.Add(WorkloadSvid.Read(value)); break;
                case 2: update.HasRevocationLists = true; break;
                case 3: update.Federated.Add(ReadEntry(value)); break;
            }
        }

        return update;
    }

    private static (string Id, ReadOnlyMemory<byte> Roots) ReadEntry(ReadOnlyMemory<byte> entry)
    {
        (string Id, ReadOnlyMemory<byte> Roots) read = ("", default);
        var fields = new WireReader(entry);
        while (fields.Read(out var field, out var value))
        {
            switch (field)
            {
                case 1: read.Id = Encoding.UTF8.GetString(value.Span); break;
                case 2: read.Roots = value; break;
            }
        }

        return read;
    }
}
